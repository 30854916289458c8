/// What a handler throws when no further attempt can succeed: a thrown error counts as transient otherwise, and the definition's
/// `retry` says how often the command comes again.
///
/// The saga makes no further attempt. It does not know whether anything was done, so the step's undo is owed; a handler that has
/// done nothing for sure answers with one of the failures that the definition declares (`CommandReply.declined`). At or past the
/// pivot, and in an undo, the instance is stuck and waits for an operator.
///
///     guard let account = try await bank.account(charge.account) else { throw PermanentError("there is no such account") }
public struct PermanentError: Error, CustomStringConvertible, Sendable {
  /// Why; it is in the saga's history.
  public var reason: String
  /// What the handler met, where it was an error.
  public var cause: (any Error)?

  /// An error that no further attempt can mend.
  public init(_ reason: String, cause: (any Error)? = nil) {
    self.reason = reason
    self.cause = cause
  }

  public var description: String { cause.map { "\(reason): \($0)" } ?? reason }

  /// An error and what is behind it, the outermost first.
  static func causes(of error: any Error) -> [String] {
    guard let error = error as? PermanentError else { return ["\(error)"] }
    return [error.reason] + (error.cause.map { causes(of: $0) } ?? [])
  }

  /// Whether the same command can never be handled by the same code.
  static func isPermanent(_ error: any Error) -> Bool {
    if let error = error as? CommandError { return error.isPermanent }
    return error is PermanentError || error is ServiceTransactionError
  }
}
