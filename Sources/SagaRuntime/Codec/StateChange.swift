import SagaCore

/// How a journal row carries the state after it: whole, or as what differs from the state before.
package enum StateChange: Equatable {
  /// The row leaves the state as it was, or has no instance.
  case none
  case image([UInt8])
  /// A `Delta` beside the state before it.
  case delta([UInt8])
  /// The first `prefix` and last `suffix` bytes stay; `middle` stands between them. Rows of the first version have it.
  case patch(prefix: Int, suffix: Int, middle: [UInt8])

  /// The bytes that are written, about.
  var count: Int {
    switch self {
    case .none: 0
    case .image(let bytes), .delta(let bytes): bytes.count
    case .patch(_, _, let middle): middle.count
    }
  }

  /// Every row at this distance carries an image, so that a state is at most so many changes away.
  static let imageInterval: Int64 = 32

  /// The shortest change that `revision` may carry.
  init(from previous: [UInt8], to next: [UInt8], revision: Int64) {
    guard revision % StateChange.imageInterval != 1, !previous.isEmpty else {
      self = .image(next)
      return
    }
    let delta = Delta.encode(next, base: previous)
    self = delta.count < next.count ? .delta(delta) : .image(next)
  }

  /// The state after the row, from the state before it.
  ///
  /// - Throws: `DecodingFault` when the change does not fit `previous`: rows are missing between the two.
  package func applied(to previous: [UInt8]?) throws(DecodingFault) -> [UInt8]? {
    switch self {
    case .none: return previous
    case .image(let bytes): return bytes
    case .delta(let delta): return try Delta.decode(delta, base: previous ?? [], subject: "a change of a state")
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
