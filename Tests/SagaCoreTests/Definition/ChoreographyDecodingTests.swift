import SagaCore
import Testing

@Suite struct ChoreographyDecodingTests {
  @Test("roles have starts, states and transitions in the order of the file")
  func roles() throws {
    let (definition, diagnostics) = decode(
      """
      {"saga":"s","version":1,"messages":{},"roles":{
        "seller":{"start":{"Asked":[{"when":"event.data.cents>0","goto":"open"},{"goto":"end"}],"Begun":{"goto":"open"}},
          "on":{"Stopped":{"compensate":"'stop'","goto":"undone"}},"after":{"30d":{"goto":"end"}},"settle":"1m",
          "states":{
            "open":{"description":"Waits.","on":{"Paid":{"correlate":{"bill":"event.data.bill"},"pivot":true,"set":{"n":[1,"data.n",null]},
                "publish":{"Sold":{"to":"saga.key"},"Counted":1},"goto":"end"}},
              "after":{"data.deadline":{"goto":"undone"}},"reject":["Spam"],"ignore":["Noise"]},
            "end":{"final":"completed"},"undone":{"final":"compensated"}}},
        "buyer":{"start":{"Sold":{"goto":"x"}},"states":{"x":{"final":"completed"}}}}}
      """)
    #expect(diagnostics == [])
    let saga = try #require(definition)
    #expect(saga.mode == .choreography && saga.roles.map(\.name) == ["seller", "buyer"])
    let seller = try #require(saga.role(named: "seller"))
    #expect("\(seller.position)" == "2:3")
    #expect(seller.start.map(\.type) == ["Asked", "Begun"] && seller.start[0].transitions.count == 2)
    #expect(seller.on[0].transitions[0].goto?.value == "undone" && seller.after[0].delay.text == "30d")
    #expect(seller.states.map(\.name) == ["open", "end", "undone"])
    let open = seller.states[0]
    let paid = open.on[0].transitions[0]
    #expect(paid.correlate.text == "{bill:<event.data.bill>}" && paid.isPivot)
    #expect(paid.set.text == "{n:[1,<data.n>,null]}" && paid.publish.text == "{Sold:{to:<saga.key>},Counted:1}")
    #expect(open.after[0].delay.summary == "<data.deadline> at 7:19")
    #expect(open.declared.rejected.map(\.value) == ["Spam"] && open.declared.ignored.map(\.value) == ["Noise"])
    #expect(seller.states.map(\.final) == [nil, .completed, .compensated])
  }

  @Test("a state with steps has its two ways out")
  func stateWithSteps() throws {
    let source = choreography(
      states: """
        "a":{"do":[{"step":"wait","reply":{"Done":{}},"timeout":"1h"}],"done":{"goto":"b"},"failed":{"goto":"b"}},
        "b":{"final":"completed"}
        """)
    let (definition, diagnostics) = decode(source)
    #expect(diagnostics == [])
    let state = try #require(definition?.roles.first?.states.first)
    #expect(state.steps?.count == 1 && state.done?.goto?.value == "b" && state.failed?.goto?.value == "b")
  }

  @Test("two roles may use the same step name")
  func stepNamesAreTheRoles() {
    let role =
      #"{"start":{"B":{"goto":"a"}},"states":{"a":{"do":[{"step":"x","reply":{"D":{}}}],"done":{},"failed":{}}}}"#
    #expect(findings(#"{"saga":"s","version":1,"messages":{},"roles":{"one":\#(role),"two":\#(role)}}"#) == [])
  }
}
