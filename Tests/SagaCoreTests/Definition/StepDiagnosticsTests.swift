import SagaCore
import Testing

@Suite struct StepDiagnosticsTests {
  @Test(
    "what is wrong in steps is found",
    arguments: [
      .step(#"5"#, "2:1 field.type"),
      .step(#"{}"#, "2:1 step.form"),
      .step(#"{"call":"C"}"#, "2:2 field.missing"),
      .step(#"{"foreach":"x"}"#, "2:2 field.unknown"),
      .step(#"{"set":{},"fail":"'x'"}"#, "2:11 step.form"),
      .step(#"{"step":"a"}"#, "2:9 step.form"),
      .step(#"{"step":"a b","call":"C"}"#, "2:9 name.invalid"),
      .step(#"{"step":"a","call":"C"},{"forEach":"x","steps":[{"step":"a","call":"C"}]}"#, "2:57 step.duplicate"),
      .step(#"{"forEach":"x","concurrency":0}"#, "2:1 field.missing", "2:30 value.range"),
      .step(#"{"parallel":[{"fail":"'x'"}]}"#, "2:14 field.type"),
      .step(#"{"parallel":[]}"#, "2:13 value.empty"),
      .step(#"{"choose":[{"when":"x"},5]}"#, "2:12 field.missing", "2:25 field.type"),
      .step(#"{"try":[]}"#, "2:1 field.missing", "2:8 value.empty"),
      .step(#"{"publish":{}}"#, "2:12 value.empty"),
      .step(#"{"fail":5}"#, "2:9 field.type"),
      .step(#"{"set":[]}"#, "2:8 field.type"),
    ] as [Fault])
  func steps(fault: Fault) {
    #expect(findings(fault.text) == fault.findings)
  }

  @Test(
    "what is wrong in calls is found",
    arguments: [
      .step(
        #"{"step":"a","reply":{"R":{}},"to":"x","with":{},"retry":{},"pivot":true}"#,
        "2:30 field.useless", "2:39 field.useless", "2:49 field.useless", "2:60 field.useless"),
      .step(#"{"step":"a","call":"C","timeout":"1s"}"#, "2:24 field.useless"),
      .step(#"{"step":"a","call":"C","reply":{}}"#, "2:32 value.empty"),
      .step(#"{"step":"a","call":"C","reply":{"R":[]}}"#, "2:37 value.empty"),
      .step(#"{"step":"a","call":"C","reply":{"R":{"fail":"'x'","again":"1s"}}}"#, "2:51 reply.conflict"),
      .step(
        #"{"step":"a","call":"C","reply":{"R":{"goto":"x","publish":{}}}}"#, "2:38 field.misplaced",
        "2:49 field.misplaced"),
      .step(#"{"step":"a","call":"C","reply":{"R":{}},"timeout":"0s"}"#, "2:51 value.range"),
      .step(#"{"step":"a","call":"C","reply":{"R":{}},"timeout":30}"#, "2:51 field.type"),
      .step(
        #"{"step":"a","call":"C","reply":{"R":{}},"retry":{"attempts":0,"factor":0.5,"jitter":2,"delay":"1"}}"#,
        "2:61 value.range", "2:72 value.range", "2:85 value.range", "2:95 duration.invalid"),
      .step(#"{"step":"a","call":"C","undo":"nothing"}"#, "2:31 undo.form"),
      .step(#"{"step":"a","call":"C","undo":{}}"#, "2:31 undo.form"),
      .step(#"{"step":"a","call":"C","undo":{"call":"U","undo":"none"}}"#, "2:43 field.unknown"),
      .step(#"{"step":"a","call":"C","undo":{"call":"U","reply":{"R":{"again":"1s"}}}}"#, "2:66 field.misplaced"),
      .step(#"{"step":"a","call":"C","undo":{"publish":{"P":{}},"to":"x"}}"#, "2:51 field.unknown"),
    ] as [Fault])
  func calls(fault: Fault) {
    #expect(findings(fault.text) == fault.findings)
  }

  @Test("an unknown field names the nearest known one, or all where none is near")
  func nearest() throws {
    let misspelt = decode(orchestration(steps: #"{"step":"a","call":"C","replay":{}}"#)).diagnostics
    #expect(misspelt.first?.message == "`replay` is no field of a named step.")
    #expect(misspelt.first?.mend == "Did you mean `reply`?")
    #expect(misspelt.first?.file == "saga.json" && misspelt.first?.severity == .error)
    let foreign = decode(orchestration(steps: #"{"forEach":"x","steps":[],"zzzzzz":1}"#)).diagnostics
    #expect(foreign.first?.mend == "It has `forEach`, `concurrency`, `steps` and `description`.")
  }

  @Test("everything else is read although something is wrong")
  func goesOn() {
    let steps = #"{"step":"a","call":"C","x":1},{"step":5,"call":"C"},{"step":"b","call":"C"}"#
    let (definition, diagnostics) = decode(orchestration(steps: steps))
    #expect(diagnostics.count == 2)
    #expect(definition?.roles[0].states[0].steps?.count == 2)
  }

  @Test("at most a hundred findings are reported, and the last says how many more there are")
  func bounded() {
    let steps = Array(repeating: "5", count: 150).joined(separator: ",\n")
    let diagnostics = decode(orchestration(steps: steps)).diagnostics
    #expect(diagnostics.count == DefinitionLimits.maximumDiagnostics)
    #expect(diagnostics.last?.message == "51 more findings are not shown.")
  }

  @Test(
    "every limit is told by its name",
    arguments: [
      ("maximumNameLength", #"{"step":"\#(String(repeating: "a", count: 129))","call":"C"}"#),
      ("maximumTypeLength", #"{"step":"a","call":"\#(String(repeating: "a", count: 257))"}"#),
      ("maximumSteps", Array(repeating: #"{"set":{}}"#, count: 10_002).joined(separator: ",")),
      (
        "maximumAlternatives",
        #"{"step":"a","reply":{"R":[\#(Array(repeating: "{}", count: 101).joined(separator: ","))]}}"#
      ),
    ])
  func limits(name: String, steps: String) {
    let diagnostics = decode(orchestration(steps: steps)).diagnostics
    #expect(diagnostics.map(\.code) == ["limit.exceeded"])
    #expect(diagnostics.first?.message.contains("(\(name))") == true)
  }

  @Test("every code is explained")
  func codes() {
    for code in DecodingCode.allCases { #expect(code.explanation.hasSuffix("."), "\(code.rawValue)") }
  }
}
