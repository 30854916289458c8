/// The syntax tree of a regular expression.
indirect enum PatternSyntax: Sendable {
  case empty
  case scalar(Unicode.Scalar)
  case set(CharacterClass)
  case assertion(PatternAssertion)
  case sequence([PatternSyntax])
  case alternatives([PatternSyntax])
  /// `maximum` nil: without end.
  case repetition(PatternSyntax, minimum: Int, maximum: Int?)
}

enum PatternAssertion: Sendable {
  case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary
}
