import Testing

@testable import SagaCore

@Suite struct ExpenseClaimsTests {
  private static let types = [
    "DeclarationSubmitted", "DeclarationRejected", "DeclarationSubmitted", "DeclarationFinalApproved", "RequestPayment",
  ]

  private func play() throws -> Play { try Play(try Repository.text("sagas/expense-claims.json"), role: "claims") }

  private func data(_ cents: Double = 26.85) -> JSON {
    ["declarationId": "c1", "amount": .double(cents), "by": "EMPLOYEE"]
  }

  private func event(_ index: Int, in play: Play) throws -> CloudEvent {
    var event = play.event(ExpenseClaimsTests.types[index], data())
    event.time = Timestamp(milliseconds: 1_600_000_000_000 + Int64(index) * 86_400_000).rfc3339
    return try play.machine.normalise(event)
  }

  @Test("a paid claim is completed, in whole cents")
  func paid() throws {
    let play = try play()
    try play.start("DeclarationSubmitted", data())
    try play.send("PaymentHandled", data())
    #expect(play.status == .completed && play.types == ["ClaimSettled"])
    #expect(play.last("ClaimSettled")?.data?["amountCents"] == 2685)
  }

  @Test(
    "any type may begin a claim, and a payment completes it at once",
    arguments: [
      "DeclarationSaved", "DeclarationSubmitted", "DeclarationApproved", "DeclarationFinalApproved",
      "DeclarationRejected",
      "RequestPayment", "PaymentHandled",
    ])
  func begins(type: String) throws {
    let play = try play()
    try play.start(type, data())
    #expect(play.status == (type == "PaymentHandled" ? .completed : .running))
  }

  @Test("in every order of arrival the state is that of the latest event, and the payment completes")
  func anyOrder() throws {
    for order in permutations(Array(1..<ExpenseClaimsTests.types.count)) {
      let play = try play()
      play.now = Timestamp(milliseconds: 1_600_000_000_000)
      try play.start(ExpenseClaimsTests.types[0], data())
      for index in order { #expect(play.receive(try event(index, in: play)) == .handled) }
      #expect(play.state == "paymentRequested", "\(order)")
      try play.send("PaymentHandled", data())
      #expect(play.status == .completed)
    }
  }

  @Test("a claim without news for 800 days is abandoned, and not a day before")
  func abandoned() throws {
    let play = try play()
    try play.start("DeclarationSubmitted", data())
    play.wait(799 * 86_400_000)
    try play.send("DeclarationRejected", data())
    play.wait(800 * 86_400_000 - 1)
    #expect(play.status == .running && play.state == "rejected")
    play.wait(1)
    #expect(play.status == .compensated && play.last("ClaimAbandoned")?.data?["state"] == "rejected")
  }

  private func permutations(_ elements: [Int]) -> [[Int]] {
    if elements.isEmpty { return [[]] }
    return elements.flatMap { first in permutations(elements.filter { $0 != first }).map { [first] + $0 } }
  }
}
