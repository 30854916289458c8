import Foundation
import SagaCore
import Testing

@testable import SagaRuntime

@Suite("The operator socket", .timeLimit(.minutes(1)))
struct OperatorSocketTests {
  private let path = NSTemporaryDirectory() + "saga-\(UUID().uuidString.prefix(8)).sock"

  /// Answers with what it got.
  private func echo() throws -> OperatorSocket {
    try OperatorSocket(path: path) { ["result": "done", "got": $0] }
  }

  private func connected() throws -> Int32 {
    let descriptor = try UnixSocket.make(path)
    #expect(try UnixSocket.withAddress(path) { connect(descriptor, $0, $1) } == 0)
    UnixSocket.limitTime(descriptor, seconds: 20)
    return descriptor
  }

  /// Sends bytes as they are and reads a line.
  private func raw(_ bytes: [UInt8]) throws -> JSON? {
    let descriptor = try connected()
    defer { close(descriptor) }
    _ = UnixSocket.writeAll(descriptor, bytes)
    return try UnixSocket.readLine(descriptor).map { try JSONParser.parse($0) }
  }

  @Test("carries a request and its answer, one after the other, and is for its owner only")
  func roundTrip() throws {
    let socket = try echo()
    defer { socket.stop() }
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    for index in Int64(0)..<20 {
      let request: JSON = ["verb": "replay", "sequence": .int(index), "by": "zoë\n"]
      #expect(try OperatorClient.call(path, request) == ["result": "done", "got": request])
    }
    let large: JSON = ["send": .string(String(repeating: "x", count: 1_000_000))]
    #expect(try OperatorClient.call(path, large)["got"] == large)
  }

  @Test("leaves alone what a successor has put in its place") func successor() throws {
    let old = try echo()
    let new = try OperatorSocket(path: path) { _ in ["result": "new"] }
    defer { new.stop() }
    old.stop()
    #expect(try OperatorClient.call(path, ["a": 1]) == ["result": "new"])
  }

  @Test("refuses what is no JSON") func broken() throws {
    let socket = try echo()
    defer { socket.stop() }
    for text in ["{\"verb\": ", "", "nonsense", "{} {}"] {
      let answer = try raw(Array((text + "\n").utf8))
      #expect(answer?["code"]?.stringValue == "socket.json", "\(text)")
    }
    #expect(try OperatorClient.call(path, ["a": 1])["result"]?.stringValue == "done")
  }

  @Test("answers a line that is too long with the limit, and serves the next client") func tooLong() throws {
    let socket = try echo()
    defer { socket.stop() }
    let line = [UInt8](repeating: UInt8(ascii: "x"), count: OperatorSocket.maximumLineBytes + 200_000)
    #expect(try raw(line)?["code"] == "socket.size")
    let request: JSON = ["send": .string(String(repeating: "x", count: OperatorSocket.maximumLineBytes + 200_000))]
    let answer = try OperatorClient.call(path, request)
    #expect(answer["code"] == "socket.size")
    #expect(answer["message"]?.stringValue?.contains("\(OperatorSocket.maximumLineBytes) bytes") == true)
    #expect(try OperatorClient.call(path, ["a": 1])["result"]?.stringValue == "done")
  }

  @Test("outlives clients that hang up before they ask, amid the line, and before the answer") func hangingUp() throws {
    let socket = try OperatorSocket(path: path) { request in
      // Longer than the socket's buffers, so that writing meets the closed end.
      ["result": .string(String(repeating: "x", count: 2_000_000)), "got": request]
    }
    defer { socket.stop() }
    for text in ["", "{\"verb\"", "{\"verb\": 1}\n"] {
      let descriptor = try connected()
      _ = UnixSocket.writeAll(descriptor, Array(text.utf8))
      close(descriptor)
    }
    #expect(try OperatorClient.call(path, ["a": 1])["got"] == ["a": 1])
  }

  @Test("takes the place of one that a dead process left, and is gone when it has stopped") func leftOver() throws {
    #expect(FileManager.default.createFile(atPath: path, contents: nil))
    let socket = try echo()
    #expect(try OperatorClient.call(path, [:])["result"]?.stringValue == "done")
    socket.stop()
    socket.stop()
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(throws: SocketError.self) { try OperatorClient.call(path, [:]) }
    let long = "/tmp/" + String(repeating: "x", count: 200)
    #expect(throws: SocketError.self) { try OperatorSocket(path: long) { $0 } }
  }
}
