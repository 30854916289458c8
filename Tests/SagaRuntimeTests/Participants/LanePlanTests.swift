import SagaCore
import Testing

@testable import SagaRuntime

@Suite("The ways out of a service")
struct LanePlanTests {
  private static let definition = """
    { "saga": "own", "version": 1,
      "messages": { "Go": { "key": "event.data.k" }, "Done": { "key": "event.data.k" } },
      "start": { "Go": {} },
      "steps": [ { "step": "work", "call": "Work", "to": "near", "with": {}, "reply": { "Done": {} }, "timeout": "1s",
                   "undo": { "call": "Unwork", "to": "near", "with": {}, "reply": { "Done": {} } } } ] }
    """

  private func plan() throws -> LanePlan {
    var near = Participant("near")
    near.handle("Work", as: [String: String].self) { _, _ in .done("Done") }
    var mailer = Consumer("mailer")
    mailer.on("Said", as: [String: String].self) { _, _ in }
    let transport = ClosureTransport { _ in }
    return LanePlan(
      participants: [near], consumers: [mailer],
      routes: [
        .commands(to: "far", transport: transport), .replies(to: "other", transport: transport),
        .events("broker", types: ["Said"], transport: transport),
      ], machines: try SagaDefinitions(sources: [("own.json", Array(Self.definition.utf8))]).machines)
  }

  private func lanes(_ kind: MessageKind, _ type: String, destination: String? = nil) throws -> [String] {
    let event = CloudEvent(id: "1", source: "/test", type: type)
    return try plan().lanes(
      of: OutgoingMessage(event: event, kind: kind, destination: destination, orderingKey: "k"))
  }

  @Test("A command goes to its participant here, else by its route, else back to its instance")
  func commands() throws {
    #expect(try lanes(.command, "Work", destination: "near") == ["participants/near"])
    #expect(try lanes(.command, "Work", destination: "far") == ["commands/far"])
    #expect(try lanes(.command, "Work", destination: "nowhere") == ["unrouted"])
  }

  @Test("A reply stays here for a saga of this service, and leaves for another one that takes the same type")
  func replies() throws {
    #expect(try lanes(.reply, "Done", destination: "own") == [])
    #expect(try lanes(.reply, "Done", destination: "other") == ["replies/other"])
    #expect(try lanes(.reply, "Unknown", destination: "third") == ["unrouted"])
    #expect(try lanes(.reply, "Done") == [], "of a child saga to its parent here")
  }

  @Test("An event goes to consumers here and by its routes, and nowhere if nobody asked for it")
  func events() throws {
    #expect(try lanes(.event, "Said") == ["consumers/mailer", "broker"])
    #expect(try lanes(.event, "Unasked") == [])
  }
}
