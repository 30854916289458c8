/// What a test of a definition expected and did not find, with the history of its sagas so far.
public struct SagaTestFailure: Error, CustomStringConvertible, Sendable {
  /// `OrderTests.swift:12`: the line of the test.
  public var place: String
  /// What had to be.
  public var expectation: String
  /// What was.
  public var found: String
  /// The history of every instance, oldest row first, one line each.
  public var history: [String]

  public var description: String {
    let past = history.isEmpty ? ["nothing has happened"] : history
    return "\(place): expected \(expectation)\n  found \(found)\n  so far:\n"
      + past.map { "    " + $0 }.joined(separator: "\n")
  }
}
