import SagaCore
import SagaRuntime

/// Values as people read them.
enum Text {
  /// Keys, reasons and types come from messages: what could move a terminal's cursor is spelt out.
  static func safe(_ text: String) -> String {
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
  static func name(_ machine: MachineIdentity) -> String {
    safe(machine.role.isEmpty ? machine.saga : "\(machine.saga)/\(machine.role)")
  }

  static func status(_ status: InstanceStatus, isPaused: Bool = false) -> String {
    let text = isPaused ? "\(status.name) (paused)" : status.name
    return Console.styled(text, isPaused ? .yellow : style(of: status))
  }

  static func style(of status: InstanceStatus) -> Console.Style {
    switch status {
    case .running: .plain
    case .completed: .green
    case .compensating, .compensated: .yellow
    case .stuck: .red
    }
  }

  /// `1 saga`, `2 sagas`
  static func count(_ count: some BinaryInteger, _ one: String, _ many: String? = nil) -> String {
    "\(count) \(count == 1 ? one : many ?? one + "s")"
  }

  /// `1st`, `2nd`, `11th`
  static func ordinal(_ number: Int) -> String {
    let isTeen = (11...13).contains(number % 100)
    let ending = isTeen ? "th" : [1: "st", 2: "nd", 3: "rd"][number % 10] ?? "th"
    return "\(number)\(ending)"
  }

  /// `1.5 MB`
  static func bytes(_ count: Int) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"]
    var value = Double(count)
    var unit = 0
    while value >= 1000, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    let rounded = value < 10 && unit > 0 ? (value * 10).rounded() / 10 : value.rounded()
    return rounded == rounded.rounded() ? "\(Int(rounded)) \(units[unit])" : "\(rounded) \(units[unit])"
  }

  /// `2d 3h`, `1m 30s`, `250ms`: the two greatest units.
  static func duration(milliseconds: Int64) -> String {
    var rest = milliseconds.magnitude
    if rest < 1000 { return "\(milliseconds)ms" }
    var parts: [String] = []
    for (size, unit) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")] as [(UInt64, String)] {
      if rest >= size, parts.count < 2 { parts.append("\(rest / size)\(unit)") }
      rest %= size
    }
    return (milliseconds < 0 ? "-" : "") + parts.joined(separator: " ")
  }

  /// JSON cut to a width, for tables.
  static func short(_ json: JSON, width: Int = 60) -> String {
    let text = safe(json.description)
    return text.count <= width ? text : text.prefix(width - 1) + "…"
  }
}

extension Optional where Wrapped == Timestamp {
  /// For tables.
  var text: String { self?.rfc3339 ?? "" }
  var json: JSON { self.map { .string($0.rfc3339) } ?? .null }
}

extension Optional where Wrapped == String {
  var json: JSON { self.map { .string($0) } ?? .null }
}
