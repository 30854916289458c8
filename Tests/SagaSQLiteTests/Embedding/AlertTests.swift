import SagaCore
import SagaSQLite
import TestSupport
import Testing

@testable import SagaRuntime

@Suite("Alerts of an engine", .timeLimit(.minutes(10)))
struct AlertTests {
  private let folder = Folder()
  private let heard = Recorder<SagaAlert>()

  private func engine(
    _ policy: AlertPolicy, payments: Participant = Participant("payments"), routes: [OutgoingRoute] = []
  ) throws -> SagaEngine {
    var policy = policy
    policy.hook = policy.hook ?? { [heard] in heard.append($0) }
    return try SagaEngine(
      database: folder.database, options: Folder.options, definitions: Shop.definitions(),
      participants: [payments, Shop.stock()], routes: routes, alerts: policy)
  }

  /// Payments that never answer.
  private func deaf() -> Participant {
    var payments = Participant("payments")
    payments.handle("Charge", as: Shop.Order.self) { order, _ in
      try await Task.sleep(for: .seconds(3600))
      return .done("Charged", ["orderId": .string(order.orderId)])
    }
    return payments
  }

  @Test("A saga that is open for too long raises one alert in its life, also when the service is started again")
  func late() async throws {
    let outbox = Outbox()
    let policy = AlertPolicy(lateAfterMilliseconds: 2 * 3_600_000)
    try await running(engine(policy, payments: deaf(), routes: [.all("output", transport: outbox)])) { [heard] engine in
      _ = try await Shop.place("o1", cents: 10, engine)
      try await engine.lookForAlerts(now: hours(1))
      try await engine.lookForAlerts(now: hours(3))
      try await engine.lookForAlerts(now: hours(4))
      let alert = try await heard.wait(for: 1)[0]
      #expect(alert.kind == .late)
      #expect(alert.instance == InstanceAddress(saga: "shop", key: "o1"))
      #expect(alert.reason.hasPrefix("open for "))
      #expect(alert.state == "working")
      #expect(try await outbox.wait(for: 1)[0].id == alert.event.id, "it leaves the service as an event too")
    }
    try await running(engine(policy, payments: deaf())) { [heard] engine in
      try await engine.lookForAlerts(now: hours(5))
      _ = try await Shop.place("o2", cents: 10, engine)
      try await engine.lookForAlerts(now: hours(6))
      #expect(try await heard.wait(for: 2).compactMap(\.instance?.key) == ["o1", "o2"])
    }
  }

  @Test("It is raised once also where the saga is open for longer than what handlers remember is kept")
  func openBeyondRetention() async throws {
    let policy = AlertPolicy(lateAfterMilliseconds: 3_600_000)
    try await running(engine(policy, payments: deaf())) { [heard] engine in
      _ = try await Shop.place("o1", cents: 10, engine)
      try await engine.lookForAlerts(now: hours(2))
      _ = try await heard.wait(for: 1)
      try await engine.prune(closedBefore: hours(3), forgetBefore: hours(3))
    }
    try await running(engine(policy, payments: deaf())) { [heard] engine in
      _ = try await Shop.place("o2", cents: 10, engine)
      try await engine.lookForAlerts(now: hours(3))
      #expect(try await heard.wait(for: 2).compactMap(\.instance?.key) == ["o1", "o2"])
    }
  }

  @Test("One that a clock far ahead has started keeps none of those behind it from raising theirs")
  func startedFarAhead() async throws {
    let far = hours(10 * 365 * 24)
    do {
      let store = try folder.writer()
      defer { store.close() }
      let machines = LoadedDefinition.load(source: Array(Shop.definition.utf8), file: "shop.json").machines
      let ahead = try ShardEngine(store: store, machines: machines, now: far)
      let order = CloudEvent(id: "1", source: "/web", type: "OrderPlaced", data: ["orderId": "o1", "cents": 10])
      _ = try ahead.offer([IncomingMessage(bytes: order.encode())], now: far)
    }
    try await running(engine(AlertPolicy(lateAfterMilliseconds: 3_600_000), payments: deaf())) { [heard] engine in
      _ = try await Shop.place("o2", cents: 10, engine)
      try await engine.lookForAlerts(now: hours(2))
      #expect(heard.values.isEmpty, "nobody knows yet which clock is right")
      _ = try await engine.runner.operate(.confirmClock(by: "ada", reason: "this one is"))
      try await engine.lookForAlerts(now: hours(2))
      #expect(try await heard.wait(for: 1).compactMap(\.instance?.key) == ["o2"])
    }
  }

  @Test("One that ended in time raises none; another saga may have more time")
  func inTime() async throws {
    let policy = AlertPolicy(lateAfterMilliseconds: 1, lateAfterMillisecondsBySaga: ["shop": 2 * 3_600_000])
    try await running(engine(policy, payments: Shop.payments())) { [heard] engine in
      let address = try await Shop.place("o1", cents: 10, engine)
      _ = try await Shop.settled(address, engine)
      try await engine.lookForAlerts(now: hours(1))
      try await engine.lookForAlerts(now: hours(10))
      _ = try await Shop.place("o2", cents: 5000, engine)
      #expect(heard.values.isEmpty)
    }
  }

  @Test("A stuck saga is told to the hook, again where the hook threw")
  func stuck() async throws {
    var broken = Participant("payments")
    broken.handle("Charge", as: Shop.Order.self) { _, _ in throw PermanentError("the account is frozen") }
    broken.undo("Refund", as: Shop.Order.self) { _, _ in
      throw PermanentError("the account is frozen")
    } _: { _, _ in
      throw PermanentError("the account is frozen")
    }
    let told = Recorder<String>()
    let policy = AlertPolicy { alert in
      told.append(alert.event.id)
      if told.values.count == 1 { throw Crash(what: "the pager is down") }
    }
    try await running(engine(policy, payments: broken)) { engine in
      _ = try await Shop.place("o1", cents: 10, engine)
      try await eventually("the hook is told twice") { told.values.count >= 2 }
      #expect(Set(told.values).count == 1, "the same alert")
    }
  }

  @Test("As many dead letters as the policy allows raise an alert, once, until there are fewer")
  func deadLetters() async throws {
    try await running(engine(AlertPolicy(deadLetterThreshold: 2))) { [heard] engine in
      _ = try await engine.deliver(Array("not a message".utf8))
      try await engine.lookForAlerts(now: WallClock.now)
      _ = try await engine.deliver(Array("not one either".utf8))
      try await engine.lookForAlerts(now: WallClock.now)
      try await engine.lookForAlerts(now: WallClock.now)
      let alert = try await heard.wait(for: 1)[0]
      #expect(alert.kind == .deadLetters)
      #expect(alert.instance == nil)
      _ = try await engine.discardDeadLetters(by: "ada", reason: "noise")
      try await engine.lookForAlerts(now: WallClock.now)
      for text in ["a", "b"] { _ = try await engine.deliver(Array(text.utf8)) }
      try await engine.lookForAlerts(now: WallClock.now)
      #expect(try await heard.wait(for: 2).map(\.kind) == [.deadLetters, .deadLetters])
    }
    try await running(engine(AlertPolicy(deadLetterThreshold: 2))) { [heard] engine in
      try await engine.lookForAlerts(now: WallClock.now)
      _ = try await engine.discardDeadLetters(by: "ada", reason: "noise")
      try await engine.lookForAlerts(now: WallClock.now)
      for text in ["c", "d"] { _ = try await engine.deliver(Array(text.utf8)) }
      try await engine.lookForAlerts(now: WallClock.now)
      let ids = try await heard.wait(for: 3).map(\.event.id)
      #expect(Set(ids).count == 3)
      #expect(ids.count == 3, "a restart alone is no reason to say it again")
    }
  }

  @Test("The engine looks by itself, as often as the policy says")
  func byItself() async throws {
    let policy = AlertPolicy(lateAfterMilliseconds: 1, checkMilliseconds: 5)
    try await running(engine(policy, payments: deaf())) { [heard] engine in
      _ = try await Shop.place("o1", cents: 10, engine)
      #expect(try await heard.wait(for: 1)[0].kind == .late)
    }
  }
}

/// So many hours from now.
private func hours(_ hours: Int64) -> Timestamp { WallClock.now.advanced(byMilliseconds: hours * 3_600_000) }

extension Recorder<SagaAlert> {
  fileprivate func wait(for count: Int) async throws -> [SagaAlert] {
    try await eventually("\(count) alerts are heard") { values.count >= count }
    return values
  }
}
