/// What the checks assume and how far they look.
public enum CheckLimits {
  /// How long after the end of an instance pruning remembers the ids of its messages, in milliseconds: the default of
  /// `RetentionPolicy.forgetMilliseconds` and of `saga prune --forget-after`.
  public static let forgetMilliseconds: Int64 = 30 * 86_400_000
  /// Configurations of all roles together that the composed checks look at.
  public static let maximumConfigurations = 200_000
  /// Ways through the steps of one commit that are told apart.
  public static let maximumWays = 500
  /// Copies of one type on the way to one role that are told apart.
  public static let maximumCopies = 2
}

/// A time for people, in its two largest units: `259365000` as `3d 3m`.
func durationText(_ milliseconds: Int64) -> String {
  let units: [(name: String, size: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
  ]
  var rest = milliseconds
  var parts: [String] = []
  for unit in units where rest >= unit.size && parts.count < 2 {
    parts.append("\(rest / unit.size)\(unit.name)")
    rest %= unit.size
  }
  return parts.isEmpty ? "0s" : parts.joined(separator: " ")
}
