import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite
import Testing

@Suite("Dead letters of a service")
struct DeadLetterEngineTests {
  private let folder = Folder()

  private struct Deposit: Codable, Sendable { var cents: Int64 }

  /// A consumer that fails while `Broken` says so.
  private final class Broken: Sendable {
    let deposits = Recorder<Int64>()
    let switches = Recorder<Bool>()
    var isMended: Bool { switches.values.last ?? false }
  }

  private func engine(_ broken: Broken) throws -> SagaEngine {
    var consumer = Consumer("ledger", policy: ConsumerPolicy(attempts: 1))
    consumer.onInTransaction("Deposited", as: Deposit.self) { (deposit, _, _: any ServiceTransaction) in
      guard broken.isMended else { throw Crash(what: "the ledger is closed") }
      broken.deposits.append(deposit.cents)
    }
    return try SagaEngine(
      database: folder.database, options: Folder.options, definitions: Shop.definitions(),
      participants: [Shop.payments(), Shop.stock()], consumers: [consumer])
  }

  private static func deposit(_ id: String, _ cents: JSON) -> CloudEvent {
    CloudEvent(id: id, source: "/bank", type: "Deposited", data: ["cents": cents])
  }

  @Test("What a handler refused is replayed to the handler, once; then there is nothing left to replay")
  func handlers() async throws {
    let broken = Broken()
    try await running(try engine(broken)) { engine in
      for id in 1...3 { _ = try await engine.deliver(Self.deposit("\(id)", .int(Int64(id)))) }
      let refused = try await engine.replayDeadLetters(by: "anna", reason: "too early")
      #expect(refused.refused.count == 3)
      #expect(refused.refused.values.allSatisfy { $0.message.contains("the ledger is closed") })
      broken.switches.append(true)
      let first = try await engine.replayDeadLetters(limit: 1, by: "anna", reason: "mended")
      #expect(first.resolved.count == 1)
      let condition = try DeadLetterCondition("event.data.cents == 3.0")
      let third = try await engine.replayDeadLetters(where: condition, by: "anna", reason: "mended")
      #expect(third.resolved.count == 1)
      _ = try await engine.replayDeadLetters(by: "anna", reason: "mended")
      #expect(broken.deposits.values == [1, 3, 2])
      let nothing = try await engine.replayDeadLetters(by: "anna", reason: "again")
      #expect(nothing == DeadLetterReport())
      #expect(broken.deposits.values == [1, 3, 2])
    }
  }

  @Test("A dry run says what would become of dead letters and leaves everything as it is")
  func dryRun() async throws {
    try await running(try engine(Broken())) { engine in
      // A command that no saga takes, and bytes that are no message: both would be refused again.
      var command = CloudEvent(id: "1", source: "/bank", type: "Nonsense", data: [:])
      command.messagekind = "command"
      _ = try await engine.deliver(command)
      _ = try await engine.deliver(Array("no json".utf8))
      let before = try await engine.read { try $0.statistics().lastSequence }
      let tried = try await engine.replayDeadLetters(isDryRun: true, by: "anna", reason: "looking")
      #expect(tried.refused.count == 2)
      let after = try await engine.read { try $0.statistics() }
      #expect(after.lastSequence == before)
      #expect(after.unresolvedDeadLetters == 2)
    }
  }

  @Test(
    "A dry run of what a handler refused does not run the handler, and the engine alone does not take it for replayed")
  func handlersAlone() async throws {
    let broken = Broken()
    let sequence = try await running(try engine(broken)) { engine in
      _ = try await engine.deliver(Self.deposit("1", 1))
      broken.switches.append(true)
      let tried = try await engine.replayDeadLetters(isDryRun: true, by: "anna", reason: "looking")
      #expect(tried.resolved.count == 1)
      #expect(broken.deposits.values == [])
      return tried.resolved[0]
    }
    // The command line beside a stopped service has no handlers.
    let store = try folder.writer()
    let alone = try ShardEngine(store: store, machines: Shop.definitions().machines, now: WallClock.now)
    for request in [
      OperatorRequest.replay(deadLetter: sequence, by: "a", reason: "r"), .tryReplay(deadLetter: sequence),
    ] {
      guard case .refused(let fault) = try alone.operate(request, now: WallClock.now) else {
        Issue.record("a handler's dead letter was taken by an engine without handlers")
        continue
      }
      #expect(fault.message.contains("only the running service"))
    }
    #expect(try ShardReader(store: store).deadLetters().map(\.sequence) == [sequence])
  }

  @Test("A message that nothing takes is not reported as resolved")
  func foreign() async throws {
    let engine = try engine(Broken())
    try await running(engine) { engine in
      let event = CloudEvent(id: "1", source: "/x", type: "Nobody", data: [:])
      let line: JSON = [
        "code": "imported", "message": "from elsewhere",
        "base64": .string(Data(event.encode()).base64EncodedString()),
      ]
      try await engine.importDeadLetter(JSONWriter.compact(line))
      let report = try await engine.replayDeadLetters(by: "anna", reason: "hope")
      #expect(report.resolved == [])
      #expect(report.refused.values.map(\.code) == ["message.foreign"])
    }
  }

  @Test("A rate spreads a replay, and a discarded dead letter stays discarded")
  func discards() async throws {
    try await running(try engine(Broken())) { engine in
      for text in ["a", "b", "c"] { _ = try await engine.deliver(Array(text.utf8)) }
      let refused = try await engine.replayDeadLetters(perSecond: 1000, by: "anna", reason: "hope")
      #expect(refused.refused.count == 3)
      let discarded = try await engine.discardDeadLetters(limit: 2, by: "anna", reason: "noise")
      #expect(discarded.resolved.count == 2)
      #expect(try await engine.deadLetters().count == 1)
    }
  }

  @Test("A dead letter says how often it was tried and what went wrong each time; what is exported says it too")
  func causes() async throws {
    let tries = Recorder<Int>()
    var consumer = Consumer("ledger", policy: ConsumerPolicy(attempts: 3, delayMilliseconds: 1))
    consumer.on("Deposited", as: Deposit.self) { _, _ in
      tries.append(tries.values.count + 1)
      throw Crash(what: "failure \(tries.values.count)")
    }
    let engine = try SagaEngine(
      database: folder.database, options: Folder.options, definitions: Shop.definitions(), consumers: [consumer])
    let letter = try await running(engine) { engine in
      for _ in 1...2 {
        await #expect(throws: DeliveryError.self) { try await engine.deliver(Self.deposit("1", 5)) }
      }
      _ = try await engine.deliver(Self.deposit("1", 5))
      return try await engine.deadLetters()[0]
    }
    #expect(letter.fault.attempts == 3)
    #expect(letter.fault.causes.count == 3)
    for (number, cause) in letter.fault.causes.enumerated() { #expect(cause.contains("failure \(number + 1)")) }
    let brought = try DeadLetterLine.message(JSONWriter.compact(DeadLetterLine.json(letter)))
    let store = MemoryStore()
    let other = try ShardEngine(store: store, machines: [], now: WallClock.now)
    _ = try other.offer([brought], now: WallClock.now)
    #expect(try ShardReader(store: store).deadLetters()[0].fault == letter.fault)
  }

  @Test("Exported dead letters can be brought into another journal, once")
  func moves() async throws {
    let lines = try await running(try engine(Broken())) { engine in
      for text in ["a", "b"] { _ = try await engine.deliver(Array(text.utf8)) }
      return try await engine.deadLetters().map { JSONWriter.compact(DeadLetterLine.json($0)) }
    }
    let store = MemoryStore()
    let other = try ShardEngine(store: store, machines: [], now: WallClock.now)
    for _ in 1...2 { _ = try other.offer(try lines.map { try DeadLetterLine.message($0) }, now: WallClock.now) }
    let letters = try ShardReader(store: store).deadLetters()
    #expect(letters.map { String(decoding: $0.bytes, as: UTF8.self) } == ["a", "b"])
    #expect(letters.allSatisfy { $0.fault.code == MessageFault.undecodable })
    #expect(throws: MessageFault.self) { try DeadLetterLine.message(Array("{}".utf8)) }
  }
}
