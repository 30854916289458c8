import Foundation
import SagaFiles
import Synchronization

/// What a command prints, written in blocks. Swift's own `print` passes over what the system answers, and a command whose
/// output is lost would end as if it had been read.
enum StandardOutput {
  private struct State {
    var waiting: [UInt8] = []
    /// Why something could not be written (`errno`). Nothing is written behind it: what follows a gap misleads.
    var fault: Int32?
  }

  private static let state = Mutex(State())
  /// How much is gathered before it is written: whoever reads along a slow command sees what there is by then.
  private static let blockBytes = 4_096

  static func write(_ bytes: some Collection<UInt8>) {
    state.withLock { state in
      guard state.fault == nil else { return }
      state.waiting += bytes
      // Whoever sits before a terminal waits for each line.
      if Console.isTerminal || state.waiting.count >= blockBytes { write(&state) }
    }
  }

  /// Writes what was gathered: before something is said on standard error that belongs behind it.
  static func flush() { state.withLock { write(&$0) } }

  /// Writes what was gathered.
  ///
  /// - Returns: what is wrong with the standard output, where something of what was printed is not there. Whoever has
  ///   closed the other end of a pipe has read enough, and there is nothing to tell.
  static func end() -> String? {
    flush()
    guard let fault = state.withLock({ $0.fault }), fault != EPIPE else { return nil }
    return "standard output: writing failed: \(SystemCause.text(fault, path: "standard output"))"
  }

  private static func write(_ state: inout State) {
    guard !state.waiting.isEmpty else { return }
    state.fault = DescriptorWriting.writeAll(state.waiting, to: STDOUT_FILENO)
    state.waiting.removeAll(keepingCapacity: true)
  }
}
