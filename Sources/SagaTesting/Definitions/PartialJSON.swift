import SagaCore

/// A value of which only the named members are looked at.
enum PartialJSON {
  /// Where a value is not what was expected, as `amountCents is 500, expected 700`; empty where it fits. Members that are not
  /// expected do not matter, elements of arrays do.
  static func mismatches(_ expected: JSON, _ found: JSON?, at path: String = "") -> [String] {
    let place = path.isEmpty ? "it" : path
    guard let found else { return ["\(place) is missing, expected \(expected)"] }
    switch (expected, found) {
    case (.object(let wanted), .object(let have)):
      return wanted.flatMap { mismatches($0.value, have[$0.key], at: path.isEmpty ? $0.key : "\(path).\($0.key)") }
    case (.array(let wanted), .array(let have)) where wanted.count == have.count:
      return wanted.indices.flatMap { mismatches(wanted[$0], have[$0], at: "\(path)[\($0)]") }
    default:
      return expected.isEquivalent(to: found) ? [] : ["\(place) is \(found), expected \(expected)"]
    }
  }
}
