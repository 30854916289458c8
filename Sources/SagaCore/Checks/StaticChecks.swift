/// Finds what is wrong with a definition that decodes and compiles: what can never happen, never end, or lose something.
///
/// Each check is a small function of its own over one role, or over all roles of a choreography together (`Composed…`).
public enum StaticChecks {
  /// - Parameters:
  ///   - definition: one without errors of the decoder and the compiler; others give misleading findings.
  ///   - machines: what it compiles to, one for each role.
  /// - Returns: the findings in the order of the file.
  public static func check(_ definition: Definition, machines: [Machine]) -> [Diagnostic] {
    var findings = Findings(file: definition.file)
    var roles: [CheckedRole] = []
    for role in definition.roles {
      guard let machine = machines.first(where: { $0.identity.role == role.name }) else { continue }
      roles.append(CheckedRole(definition: definition, role: role, model: machine.model))
    }
    for role in roles { check(role, &findings) }
    checkMessages(of: roles, in: definition, &findings)
    if definition.mode == .choreography {
      checkEventFlow(of: roles, in: definition, &findings)
      checkComposed(roles, in: definition, &findings)
    }
    return findings.sorted
  }

  private static func check(_ role: CheckedRole, _ findings: inout Findings) {
    checkStates(role, &findings)
    checkTimeouts(role, &findings)
    checkLoops(role, &findings)
    checkGuards(role, &findings)
    checkSteps(role, &findings)
    checkDeclarations(role, &findings)
    checkHandling(role, &findings)
    checkPivots(role, &findings)
    checkUndos(role, &findings)
    checkEnds(role, &findings)
    checkData(role, &findings)
    checkValueTypes(role, &findings)
    checkDeadlines(role, &findings)
  }
}

/// Collects findings; the same one found on two ways is one.
struct Findings {
  let file: String
  private var found: [Diagnostic] = []
  private var known: Set<Diagnostic> = []

  init(file: String) { self.file = file }

  mutating func add(
    _ code: CheckCode, _ position: SourcePosition, _ message: String, mend: String = "",
    severity: Diagnostic.Severity? = nil, trace: [String] = []
  ) {
    let finding = Diagnostic(
      severity ?? code.severity, code: code.rawValue, file: file, position: position, message: message, mend: mend,
      trace: trace)
    add(finding)
  }

  mutating func add(_ finding: Diagnostic) {
    if known.insert(finding).inserted { found.append(finding) }
  }

  /// Whether something is wrong that the composed checks would only find once more, or stumble over.
  var preventsComposing: Bool {
    let codes: [CheckCode] = [
      .loopUnbounded, .stateDeadEnd, .stateEndless, .stepHopeless, .messageUndeclared, .messageKeyless, .keyOfStart,
      .keyNeverCorrelated,
    ]
    return found.contains { finding in codes.contains { $0.rawValue == finding.code } }
  }

  /// In the order of the file, errors first.
  var sorted: [Diagnostic] {
    found.sorted { ($0.position, $0.severity, $0.code) < ($1.position, $1.severity, $1.code) }
  }
}
