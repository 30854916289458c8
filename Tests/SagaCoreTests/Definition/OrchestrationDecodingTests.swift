import SagaCore
import Testing

@Suite struct OrchestrationDecodingTests {
  static let source = """
    {
      "$schema": "saga.schema.json",
      "saga": "trip", "version": 3, "description": "Books a trip.",
      "messages": { "TripRequested": { "key": "event.data.id" }, "Paid": { "key": { "paymentId": "event.data.paymentId" }, "missing": "7d" } },
      "data": { "type": "object", "properties": { "cents": { "type": "integer", "default": 0 } } },
      "start": { "TripRequested": { "set": { "cents": "event.data.cents" } } },
      "on": { "TripCancelled": [ { "when": "data.cents > 0", "compensate": "'cancelled'", "publish": { "Refunding": {} } }, {} ] },
      "after": { "24h": { "compensate": "'too late'", "publish": { "TripFailed": "'own'" } }, "duration('1h')": {} },
      "settle": "5s",
      "defer": [ "Paid" ],
      "steps": [
        { "step": "book", "call": "Book", "to": "hotels", "with": { "cents": "data.cents", "nights": 2 }, "pivot": true,
          "reply": { "Booked": { "set": { "ref": "event.data.ref" } }, "Full": [ { "when": "event.data.soon", "again": "10s" }, { "fail": "'full'" } ] },
          "timeout": "30s", "retry": { "attempts": 4, "delay": "1s", "factor": 1.5, "maxDelay": "1m", "jitter": 0.2 },
          "undo": { "call": "Unbook", "to": "hotels", "with": { "ref": "data.ref" }, "reply": { "Unbooked": {} } } }
      ],
      "completed": { "publish": { "TripDone": { "id": "saga.key" } } },
      "compensated": { "publish": { "TripFailed": { "id": "saga.key" }, "TripClosed": {} } }
    }
    """

  let definition: Definition
  let role: RoleDefinition

  init() throws {
    let (definition, diagnostics) = decode(OrchestrationDecodingTests.source)
    #expect(diagnostics == [])
    self.definition = try #require(definition)
    role = try #require(self.definition.roles.first)
  }

  @Test("the header, the messages and the data schema are read")
  func header() throws {
    #expect(definition.name == "trip" && definition.version == 3 && definition.mode == .orchestration)
    #expect(definition.description == "Books a trip.")
    #expect(definition.messages.map(\.type) == ["TripRequested", "Paid"])
    guard case .named("paymentId", let key) = try #require(definition.message("Paid")?.key) else {
      Issue.record("the key of Paid is no further key")
      return
    }
    #expect(key.text == "event.data.paymentId" && "\(key.position)" == "4:95")
    #expect(definition.message("Paid")?.missing == .park(milliseconds: 604_800_000))
    #expect(definition.data != nil)
  }

  @Test("an orchestration is one role with a working state and two ends")
  func states() throws {
    #expect(role.name == "" && role.states.map(\.name) == ["working", "completed", "compensated"])
    #expect(role.states.map(\.final) == [nil, .completed, .compensated])
    let working = role.states[0]
    #expect(working.on.isEmpty && working.after.isEmpty && working.steps?.count == 1)
    #expect(working.done?.publish.text == "{TripDone:{id:<saga.key>}}")
    #expect(working.done?.goto?.value == "completed" && working.failed?.goto?.value == "compensated")
    #expect(working.failed?.publish.text == "{TripFailed:{id:<saga.key>},TripClosed:{}}")
  }

  @Test("start goes to the working state, and what compensates to the compensated end with its payloads")
  func transitions() {
    #expect(role.start[0].transitions[0].goto?.value == "working")
    let cancel = role.on[0].transitions
    #expect(cancel[0].goto?.value == "compensated" && cancel[0].when?.text == "data.cents > 0")
    #expect(cancel[0].publish.map(\.name) == ["Refunding", "TripFailed", "TripClosed"])
    #expect(cancel[1].goto == nil && cancel[1].publish.isEmpty)
    #expect(role.after.map(\.delay.summary) == ["86400000ms at 8:15", "<duration('1h')> at 8:92"])
    #expect(role.after[1].transitions[0].goto == nil)
  }

  @Test("a payload of a transition's own takes the place of the general one of its type")
  func ownPayload() {
    #expect(role.after[0].transitions[0].publish.text == "{TripFailed:<'own'>,TripClosed:{}}")
  }

  @Test("what is said about other types and the settling time belong to the role")
  func handling() {
    #expect(role.declared.deferred.map(\.value) == ["Paid"] && role.declared.ignored.isEmpty)
    #expect(role.settle?.summary == "5000ms at 9:14")
  }

  @Test("a call has its command, replies, retries and undo")
  func call() throws {
    guard case .call(let call) = try #require(role.states[0].steps?.first) else {
      Issue.record("the step is no call")
      return
    }
    #expect(call.name == "book" && "\(call.position)" == "12:15" && call.isPivot)
    #expect(call.command?.type.value == "Book" && call.command?.destination?.value == "hotels")
    #expect(call.command?.with.text == "{cents:<data.cents>,nights:2}")
    #expect(call.replies.map(\.type) == ["Booked", "Full", "Full"])
    #expect(call.replies[0].set.text == "{ref:<event.data.ref>}")
    #expect(call.replies[1].again?.summary == "10000ms at 13:117" && call.replies[2].fail?.text == "'full'")
    #expect(call.timeout?.summary == "30000ms at 14:19")
    #expect(call.retry?.attempts == 4 && call.retry?.factor == 1.5 && call.retry?.jitter == 0.2)
    #expect(call.retry?.delay?.text == "1s" && call.retry?.maxDelay?.text == "1m")
    guard case .call(let undo) = try #require(call.undo) else {
      Issue.record("the undo is no call")
      return
    }
    #expect(undo.name == "book" && undo.command?.type.value == "Unbook" && undo.replies.map(\.type) == ["Unbooked"])
  }
}
