import SagaCore
import Testing

/// A faulty text and what decoding finds in it.
struct Fault: Sendable, CustomTestStringConvertible {
  let text: String
  let findings: [String]
  var testDescription: String { findings.joined(separator: ", ") + " in " + text }
  init(_ text: String, _ findings: String...) {
    self.text = text
    self.findings = findings
  }
  static func step(_ text: String, _ findings: String...) -> Fault { Fault(orchestration(steps: text), findings) }
  static func states(_ text: String, _ findings: String...) -> Fault { Fault(choreography(states: text), findings) }
  private init(_ text: String, _ findings: [String]) {
    self.text = text
    self.findings = findings
  }
}

@Suite struct DecodingDiagnosticsTests {
  @Test(
    "a file that is no definition gives none",
    arguments: [
      Fault("", "1:1 json.invalid"),
      Fault("{\n  \"saga\": nope }", "2:12 json.invalid"),
      Fault(#"{"saga":"a","saga":"b"}"#, "1:13 json.duplicate-key"),
      Fault("[]", "1:1 field.type"),
      Fault(#"{"saga":"a"}"#, "1:1 definition.mode"),
      Fault(String(repeating: "[", count: 101), "1:101 limit.exceeded"),
    ])
  func noDefinition(fault: Fault) {
    #expect(findings(fault.text) == fault.findings)
    #expect(decode(fault.text).definition == nil)
  }

  @Test(
    "what is wrong at the top is found",
    arguments: [
      Fault(
        #"{"steps":[{"fail":"'x'"}]}"#, "1:1 field.missing", "1:1 field.missing", "1:1 field.missing",
        "1:1 field.missing"),
      Fault(
        #"{"saga":"1a","version":0,"messages":[],"roles":{}}"#, "1:9 name.invalid", "1:24 value.range",
        "1:37 field.type", "1:48 value.empty"),
      Fault(
        #"{"saga":1,"version":1.5,"messages":{},"roles":[]}"#, "1:9 field.type", "1:21 value.range", "1:47 field.type"),
      Fault(
        #"{"saga":"a","version":"1","messages":{},"start":{"B":{}},"steps":[]}"#, "1:23 field.type", "1:66 value.empty"),
      Fault(#"{"saga":"a","version":1,"messages":{},"start":{},"steps":[{"fail":"'x'"}]}"#, "1:47 value.empty"),
      Fault(
        #"{"saga":"a","version":1,"messages":{},"mesages":{},"start":{"B":{}},"steps":[{"fail":"'x'"}]}"#,
        "1:39 field.unknown"),
      Fault(
        #"{"saga":"a","version":1,"messages":{},"start":{"B":{}},"steps":[{"fail":"'x'"}],"completed":{"goto":"x","publish":{}}}"#,
        "1:94 field.misplaced", "1:115 value.empty"),
      Fault(
        #"{"saga":"a","version":1,"messages":{},"data":{"type":"objekt"},"start":{"B":{}},"steps":[{"fail":"'x'"}]}"#,
        "1:54 schema.invalid"),
      Fault(
        #"{"saga":"a","version":1,"messages":{},"on":{},"roles":{"r":{"start":{"B":{"goto":"e"}},"states":{"e":{"final":"completed"}}}}}"#,
        "1:39 field.misplaced"),
      Fault(
        #"{"saga":"a","version":1,"messages":{},"steps":[],"roles":{"r":{"start":{"B":{"goto":"e"}},"states":{"e":{"final":"completed"}}}}}"#,
        "1:50 definition.mode"),
    ])
  func top(fault: Fault) {
    #expect(findings(fault.text) == fault.findings)
    #expect(decode(fault.text).definition != nil)
  }

  @Test(
    "a file of another kind, or with misspelt steps, is told for what it is",
    arguments: [
      (#"{"saga":"a","version":1,"messages":{},"stepz":[]}"#, "1:39 field.unknown", "Did you mean `steps`?"),
      (#"{"saga":"a","version":1,"messages":{},"role":{}}"#, "1:39 field.unknown", "Did you mean `roles`?"),
      (#"{"seed":1,"participants":{}}"#, "1:11 definition.mode", "a scenario and no definition: it has `participants`"),
      (#"{"$schema":"x","type":"object"}"#, "1:16 definition.mode", "a JSON Schema and no definition: it has `type`"),
      (#"{"$defs":{}}"#, "1:2 definition.mode", "a JSON Schema and no definition"),
      (#"{"specversion":"1.0","type":"A"}"#, "1:2 definition.mode", "a message (a CloudEvent) and no definition"),
      (#"{"format":1,"choices":[]}"#, "1:13 definition.mode", "a trace and no definition"),
      (#"{"format":1,"steps":[7],"choices":[]}"#, "1:25 definition.mode", "a trace and no definition"),
      (#"{"steps":{"charge":"chargeCard"},"drop":["note"]}"#, "1:34 definition.mode", "`--mapping`"),
      ("SQLite format 3\u{0}", "1:1 json.invalid", "The file is a database"),
      ("{\"id\":1}\n{\"id\":2}", "2:1 json.invalid", "one a line, go to `saga run --input`"),
      (#"{"saga":"a","version":1,}"#, "1:25 json.invalid", "Take away the comma before it."),
      (#"{"saga":"a" "version":1}"#, "1:13 json.invalid", "Put a comma before it."),
      ("// orders\n{}", "1:1 json.invalid", "JSON has no comments"),
      (" \n", "2:1 json.invalid", "`saga init`"),
      (#"{"saga":"a""#, "1:12 json.invalid", "Close what is open"),
      (#"{"saga":"a","type":"object"}"#, "1:1 definition.mode", "neither `roles` nor `steps`"),
      (#"{}"#, "1:1 definition.mode", "neither `roles` nor `steps`"),
    ])
  func otherKinds(text: String, finding: String, says: String) {
    #expect(findings(text) == [finding])
    let told = decode(text).diagnostics.first.map { "\($0.message) \($0.mend)" } ?? ""
    #expect(told.contains(says), "\(told)")
  }

  @Test("a value of the wrong type is told how it is written right")
  func wrongTypes() {
    func mend(_ text: String) -> String { decode(text).diagnostics.first?.mend ?? "" }
    let rest = #""start":{"B":{}},"steps":[{"fail":"'x'"}]"#
    #expect(mend(#"{"saga":"a","version":"1","messages":{},\#(rest)}"#) == "Write it without quotes: 1.")
    #expect(mend(#"{"saga":"a","version":"one","messages":{},\#(rest)}"#) == "Write digits, without quotes.")
    #expect(mend(#"{"saga":5,"version":1,"messages":{},\#(rest)}"#) == #"Write it in quotes: "5"."#)
    let key = mend(#"{"saga":"a","version":1,"messages":{"A":{"key":3}},\#(rest)}"#)
    #expect(key == #"Write where a message has it, such as "event.data.orderId"."#, "a constant is one key for all")
  }

  @Test("a number out of range is told both bounds, or the least where only that is meant")
  func bounds() {
    func message(_ version: String) -> String? {
      decode(#"{"saga":"a","version":\#(version),"messages":{},"start":{"B":{}},"steps":[{"fail":"'x'"}]}"#)
        .diagnostics.first?.message
    }
    #expect(message("0") == "`version` is 0; it must be a whole number from 1.")
    let great = message("99999999999999999999999999")
    #expect(great?.hasSuffix("it must be a whole number from 1 to 9223372036854775807.") == true, "\(great ?? "")")
  }

  @Test(
    "what is wrong in a message declaration is found",
    arguments: [
      Fault(#"{"key":1}"#, "2:12 field.type"),
      Fault(#"{"key":{}}"#, "2:12 message.key"),
      Fault(#"{"key":{"a":"1","b":"2"}}"#, "2:12 message.key"),
      Fault(#"{"key":{"a b":"1"}}"#, "2:13 name.invalid"),
      Fault(#"{"key":" "}"#, "2:12 value.empty"),
      Fault(#"{"missing":"ignored"}"#, "2:16 message.missing"),
      Fault(#"{"missing":"data.x"}"#, "2:16 message.missing"),
      Fault(#"{"schema":{"typ":"object"}}"#, "2:22 schema.invalid"),
      Fault(#"{"accepts":[{"schema":true}]}"#, "2:17 field.missing"),
      Fault(#"{"accepts":[]}"#, "2:16 value.empty"),
      Fault(#"{"description":5}"#, "2:20 field.type"),
    ])
  func messages(fault: Fault) {
    let text = """
      {"saga":"s","version":1,"start":{"B":{}},"steps":[{"fail":"'x'"}],"messages":{
      "M":\(fault.text)}}
      """
    #expect(findings(text) == fault.findings)
  }

  @Test(
    "what is wrong in states and transitions is found",
    arguments: [
      .states(#""a":{"final":"complete"}"#, "2:14 state.final"),
      .states(#""a":{"final":"completed","on":{},"x":1}"#, "2:26 state.final", "2:34 field.unknown"),
      .states(#""a":{"do":[{"fail":"'x'"}],"done":{}}"#, "2:6 state.incomplete"),
      .states(#""a":{"failed":{}}"#, "2:6 state.incomplete"),
      .states(#""a":{"do":[],"done":{"when":"true"},"failed":{}}"#, "2:11 value.empty", "2:22 field.misplaced"),
      .states(#""a":{"on":{"M":[]}}"#, "2:16 value.empty"),
      .states(#""a":{"on":{"":{}}}"#, "2:12 name.invalid"),
      .states(#""a":{"on":{"M":{"compensate":"'x'"}}}"#, "2:17 transition.goto"),
      .states(#""a":{"on":{"M":{"compensate":"'x'","pivot":true,"goto":"a"}}}"#, "2:36 field.useless"),
      .states(#""a":{"on":{"M":{"goto":"a b"}}}"#, "2:24 name.invalid"),
      .states(#""a":{"on":{"M":{"when":true}}}"#, "2:24 field.type"),
      .states(#""a":{"on":{"M":{"pivot":"yes"}}}"#, "2:25 field.type"),
      .states(#""a":{"on":{"M":{"correlate":{"x":{}}}}}"#, "2:34 field.type"),
      .states(
        #""a":{"after":{"5":{},"1h30m":{},"":{}}}"#, "2:15 duration.invalid", "2:22 duration.invalid",
        "2:33 value.empty"),
      .states(#""a":{"defer":["M","M"],"reject":["M"]}"#, "2:19 name.duplicate", "2:34 handling.conflict"),
      .states(#""a":{"steps":[]},"1b":{"on":{}}"#, "2:6 field.misplaced", "2:18 name.invalid"),
    ] as [Fault])
  func states(fault: Fault) {
    #expect(findings(fault.text) == fault.findings)
  }

  @Test("starts and ends of an orchestration name no state")
  func orchestrationGoto() {
    let text = """
      {"saga":"s","version":1,"messages":{},
      "start":{"B":{"goto":"working","compensate":"'x'"}},
      "on":{"C":{"compensate":"'x'","goto":"compensated"}},
      "steps":[{"fail":"'x'"}]}
      """
    #expect(findings(text) == ["2:15 field.misplaced", "2:32 field.misplaced", "3:31 field.misplaced"])
  }

  @Test("a role's start without goto, and compensation there, are found")
  func start() {
    let text =
      #"{"saga":"s","version":1,"messages":{},"roles":{"r":{"start":{"B":{},"C":{"goto":"a","compensate":"''"}},"states":{"a":{}}}}}"#
    #expect(findings(text) == ["1:66 transition.goto", "1:85 field.misplaced"])
  }
}
