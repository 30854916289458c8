/// Who may use the generated code.
public enum SwiftAccess: String, Sendable, CaseIterable {
  case `internal`
  case `package`
  case `public`

  /// What stands before a declaration.
  var prefix: String { self == .internal ? "" : rawValue + " " }

  /// Whether a struct needs an initialiser of its own: the compiler's is internal.
  var needsInitializers: Bool { self != .internal }
}
