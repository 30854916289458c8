/// The Prometheus text exposition format, version 0.0.4: names, labels, numbers and how they are escaped.
enum ExpositionText {
  static func line(_ name: String, _ labels: String, _ value: Double) -> String {
    "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(number(value))\n"
  }

  /// What stands between the braces. An empty value means the same as no label and is left out.
  static func labels(_ dimensions: [(String, String)]) -> String {
    dimensions.filter { !$0.1.isEmpty }
      .map { "\(name($0.0, mayHaveColons: false))=\"\(escape(label: $0.1))\"" }
      .joined(separator: ",")
  }

  /// `[a-zA-Z_:][a-zA-Z0-9_:]*`, labels without colons.
  static func name(_ text: String, mayHaveColons: Bool = true) -> String {
    var name = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "_": name.unicodeScalars.append(scalar)
      case ":" where mayHaveColons: name.unicodeScalars.append(scalar)
      case "0"..."9" where !name.isEmpty: name.unicodeScalars.append(scalar)
      default: name += "_"
      }
    }
    return name.isEmpty ? "_" : name
  }

  static func escape(label: String) -> String { escape(label, quotes: true) }
  static func escape(help: String) -> String { escape(help, quotes: false) }

  private static func escape(_ text: String, quotes: Bool) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// As Go's `ParseFloat` reads it.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
    return "\(value)"
  }
}
