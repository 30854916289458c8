import SagaCore
import Testing

@testable import SagaRuntime

@Suite("What travels over the operator socket")
struct OperatorProtocolTests {
  @Test(
    "names rows by numbers from 1; another one is refused, and it is said what is wanted",
    arguments: ["replay", "try-replay", "resolve-letter", "discard", "outbox-retry", "outbox-discard"])
  func rows(verb: String) throws {
    func request(_ sequence: Int64) -> JSON {
      ["operate": ["verb": .string(verb), "lane": "output", "sequence": .int(sequence), "effect": 0]]
    }
    for sequence in [Int64.min, -1, 0] {
      let fault = try #require(throws: MessageFault.self) { try SocketRequest(request(sequence)) }
      #expect(fault.code == "socket.request")
      #expect(fault.message.contains("`sequence` is \(sequence)"))
      #expect(fault.message.contains("from 1"))
    }
    for sequence in [Int64(1), .max] {
      guard case .operate(let read, nil) = try SocketRequest(request(sequence)) else {
        Issue.record("it is read as something else")
        continue
      }
      #expect(read.json["sequence"] == .int(sequence))
    }
  }
}
