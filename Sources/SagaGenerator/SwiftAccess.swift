/// Who may use the generated code.
public enum SwiftAccess: String, Sendable, CaseIterable {
  /// The target that the code is compiled in.
  case `internal`
  /// The targets of its package.
  case `package`
  /// Everybody who imports the target.
  case `public`

  /// What stands before a declaration.
  var prefix: String { self == .internal ? "" : rawValue + " " }

  /// Whether a struct needs an initialiser of its own: the compiler's is internal.
  var needsInitializers: Bool { self != .internal }
}
