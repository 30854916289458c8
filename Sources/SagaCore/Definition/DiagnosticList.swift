/// Collects diagnostics up to a limit.
struct DiagnosticList {
  let file: String
  private var found: [Diagnostic] = []
  private var omitted = 0

  init(file: String) { self.file = file }

  mutating func add(_ code: DecodingCode, _ position: SourcePosition, _ message: String, mend: String) {
    // One is kept free for saying how many more there are.
    guard found.count < DefinitionLimits.maximumDiagnostics - 1 else {
      omitted += 1
      return
    }
    found.append(Diagnostic(code: code.rawValue, file: file, position: position, message: message, mend: mend))
  }

  /// In the order of the text.
  var all: [Diagnostic] {
    // `sorted` is stable: findings at one place stay in the order in which they were made.
    var sorted = found.sorted { $0.position < $1.position }
    if omitted > 0, let last = sorted.last {
      let message = "\(omitted) more findings are not shown."
      sorted.append(
        Diagnostic(
          code: DecodingCode.limitExceeded.rawValue, file: file, position: last.position, message: message,
          mend: "Mend those above and check again."))
    }
    return sorted
  }
}
