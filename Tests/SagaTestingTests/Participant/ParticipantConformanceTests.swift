import SagaCore
import SagaRuntime
import SagaTesting
import Testing

extension ParticipantConformance.Check: CustomTestStringConvertible {
  public var testDescription: String { name }
}

@Suite("The participant conformance suite")
struct ParticipantConformanceTests {
  @Test("is passed by a right participant", arguments: ParticipantConformance.checks)
  func right(_ check: ParticipantConformance.Check) async throws {
    let harness = try Payments(Bank()).harness()
    #expect(check.applies(to: harness.commands[0], of: harness))
    try await check.run(harness)
  }

  @Test("finds the mistake of a wrong handler", arguments: WrongHandler.all)
  func wrong(_ wrong: WrongHandler) async throws {
    var payments = Payments(Bank())
    wrong.spoil(&payments)
    let participant = wrong.make(payments)
    var harness = try payments.harness()
    harness.make = { participant }
    harness.store = wrong.store
    let check = try #require(ParticipantConformance.checks.first { $0.name == wrong.rule })
    let failure = await #expect(throws: ConformanceFailure.self) { try await check.run(harness) }
    #expect(failure?.rule == wrong.rule)
    #expect(failure?.expectation.contains("without an error") == false, "\(failure.map { "\($0)" } ?? "")")
  }

  @Test("has a wrong handler for each of its rules")
  func coverage() {
    let names = ParticipantConformance.checks.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(Set(names) == Set(WrongHandler.all.map(\.rule)))
  }

  @Test("says what it leaves out, and what failed at which command")
  func report() async throws {
    let bank = Bank()
    let payments = Payments(bank)
    let participant = payments.participant
    let plain = CommandSample(
      "Charge", payload: { ["orderId": .string($0), "cents": 700] }, effect: { _ in bank.balance })
    let unknown = CommandSample("Chrage", payload: plain.payload, effect: { _ in bank.balance })
    let report = await ParticipantConformance.run(ParticipantHarness(commands: [plain, unknown]) { participant })
    #expect(report.passed.contains("Charge: two actions have two effects"))
    #expect(report.leftOut.contains("Charge: an undo takes the effect back"))
    #expect(report.passed.allSatisfy { $0.hasPrefix("Charge: ") })
    #expect(report.failures.count == 6, "\(report.failures)")
    #expect(report.failures.first?.found == "none")
    #expect(report.failures.first?.expectation == "a handler for Chrage")
  }

  @Test("tells when the engine cannot run at all")
  func broken() async throws {
    struct NoDisk: Error {}
    var harness = try Payments(Bank()).harness()
    harness.store = { StoreSource { throw NoDisk() } }
    let failure = await #expect(throws: ConformanceFailure.self) {
      try await ParticipantConformance.checks[0].run(harness)
    }
    #expect(failure?.found.contains("NoDisk") == true)
  }
}
