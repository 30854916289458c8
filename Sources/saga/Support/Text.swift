import SagaCore
import SagaRuntime

extension Text {
  /// What makes a simulation and an exploration worth little: sagas can end as compensated without any of it.
  static let nothingUndone = "nothing was ever undone by a participant"

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
