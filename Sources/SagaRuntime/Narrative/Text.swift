import SagaCore

/// Values as people read them.
package enum Text {
  /// Keys, reasons and types come from messages: what could move a terminal's cursor is spelt out.
  package static func safe(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var safe = ""
    for scalar in text.unicodeScalars {
      if isControl(scalar) {
        safe += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        safe.unicodeScalars.append(scalar)
      }
    }
    return safe
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: false
    }
  }

  /// `sagas/role` or the saga's name alone.
  package static func name(_ machine: MachineIdentity) -> String {
    safe(machine.role.isEmpty ? machine.saga : "\(machine.saga)/\(machine.role)")
  }

  /// `2d 3h`, `1m 30s`, `250ms`: the two greatest units.
  package static func duration(milliseconds: Int64) -> String {
    var rest = milliseconds.magnitude
    if rest < 1000 { return "\(milliseconds)ms" }
    var parts: [String] = []
    for (size, unit) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")] as [(UInt64, String)] {
      if rest >= size, parts.count < 2 { parts.append("\(rest / size)\(unit)") }
      rest %= size
    }
    return (milliseconds < 0 ? "-" : "") + parts.joined(separator: " ")
  }
}
