import Foundation
import SagaRuntime

/// What reaches the thread that runs the engine.
enum RunInput: Sendable {
  /// A line of the input, without its end.
  case line([UInt8])
  case endOfInput
  /// The input cannot be read any further.
  case failed(String)
  /// An operator's request and where its answer goes.
  case request(SocketRequest, @Sendable (OperatorAnswer) -> Void)
  /// SIGINT or SIGTERM.
  case stop
}

/// Reads lines from a file, a pipe or standard input on a thread of its own, as far ahead as there is room for.
struct InputReader: Sendable {
  /// The rest of a longer line is dropped; what is kept is over the engine's limit and becomes a dead letter.
  static let maximumLineBytes = 17_825_792

  let mailbox: Mailbox<RunInput>
  /// Whoever takes a line out of the mailbox lets it leave here.
  let room: InputRoom

  /// Reads a file to its end; that it cannot be read is told through the mailbox.
  func start(_ file: InputFile) {
    let reader = self
    let thread = Thread {
      do {
        reader.read(try file.descriptor(), file.path)
      } catch {
        reader.mailbox.put(.failed(Failure(error).message))
      }
    }
    thread.name = "saga input"
    thread.start()
  }

  private func read(_ descriptor: Int32, _ path: String) {
    var line: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 262_144)
    while true {
      let count = Foundation.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      if count < 0 {
        mailbox.put(.failed("\(path): reading failed: \(String(cString: strerror(errno)))"))
        return
      }
      if count == 0 { break }
      var start = 0
      while let end = buffer[start..<count].firstIndex(of: UInt8(ascii: "\n")) {
        append(buffer[start..<end], to: &line)
        if !deliver(&line) { return }
        start = end + 1
      }
      append(buffer[start..<count], to: &line)
    }
    if deliver(&line) { mailbox.put(.endOfInput) }
  }

  private func append(_ part: ArraySlice<UInt8>, to line: inout [UInt8]) {
    line += part.prefix(max(0, InputReader.maximumLineBytes - line.count))
  }

  /// - Returns: false when nobody listens any more.
  private func deliver(_ line: inout [UInt8]) -> Bool {
    // Without its capacity, which all lines behind a long one would have, and `room` does not count.
    defer { line = [] }
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) { return true }
    return room.enter(line.count) && mailbox.put(.line(line))
  }
}
