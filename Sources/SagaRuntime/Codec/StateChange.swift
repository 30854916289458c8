import SagaCore

/// How a journal row carries the state after it: whole, or as what differs from the state before.
package enum StateChange: Equatable {
  /// The row leaves the state as it was, or has no instance.
  case none
  case image([UInt8])
  /// The first `prefix` and last `suffix` bytes stay; `middle` stands between them.
  case patch(prefix: Int, suffix: Int, middle: [UInt8])

  /// The bytes that are written, about.
  var count: Int {
    switch self {
    case .none: 0
    case .image(let bytes): bytes.count
    case .patch(_, _, let middle): middle.count
    }
  }

  /// Every row at this distance carries an image, so that a state is at most so many patches away.
  static let imageInterval: Int64 = 32

  /// The shortest change that `revision` may carry.
  init(from previous: [UInt8], to next: [UInt8], revision: Int64) {
    guard revision % StateChange.imageInterval != 1, !previous.isEmpty else {
      self = .image(next)
      return
    }
    let (prefix, suffix) = StateChange.common(previous, next)
    let middleLength = next.count - prefix - suffix
    // Two lengths and a count take up to nine bytes; less than that is not worth a patch.
    guard middleLength + 9 < next.count else {
      self = .image(next)
      return
    }
    self = .patch(prefix: prefix, suffix: suffix, middle: Array(next[prefix..<next.count - suffix]))
  }

  private static func common(_ left: [UInt8], _ right: [UInt8]) -> (prefix: Int, suffix: Int) {
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        let shorter = min(left.count, right.count)
        let (leftBytes, rightBytes) = (UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
        // Eight bytes at a time as long as both have them and they are the same.
        func isSame(_ leftOffset: Int, _ rightOffset: Int) -> Bool {
          leftBytes.loadUnaligned(fromByteOffset: leftOffset, as: UInt64.self)
            == rightBytes.loadUnaligned(fromByteOffset: rightOffset, as: UInt64.self)
        }
        var prefix = 0
        while prefix + 8 <= shorter, isSame(prefix, prefix) { prefix += 8 }
        while prefix < shorter, left[prefix] == right[prefix] { prefix += 1 }
        let rest = shorter - prefix
        var suffix = 0
        while suffix + 8 <= rest, isSame(left.count - suffix - 8, right.count - suffix - 8) { suffix += 8 }
        while suffix < rest, left[left.count - 1 - suffix] == right[right.count - 1 - suffix] { suffix += 1 }
        return (prefix, suffix)
      }
    }
  }

  /// The state after the row, from the state before it.
  ///
  /// - Throws: `DecodingFault` when the patch does not fit `previous`: rows are missing between the two.
  package func applied(to previous: [UInt8]?) throws(DecodingFault) -> [UInt8]? {
    switch self {
    case .none: return previous
    case .image(let bytes): return bytes
    case .patch(let prefix, let suffix, let middle):
      guard let previous, prefix + suffix <= previous.count else {
        throw DecodingFault(subject: "a state patch", offset: prefix, message: "it does not fit the state before it")
      }
      var next: [UInt8] = []
      next.reserveCapacity(prefix + middle.count + suffix)
      next += previous[..<prefix]
      next += middle
      next += previous[(previous.count - suffix)...]
      return next
    }
  }
}
