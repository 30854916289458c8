/// What the checks assume and how far they look.
public enum CheckLimits {
  /// How long a store remembers the ids of messages of closed instances unless configured otherwise.
  public static let inboxRetentionMilliseconds: Int64 = 30 * 86_400_000
  /// Configurations of all roles together that the composed checks look at.
  public static let maximumConfigurations = 200_000
  /// Copies of one type on the way to one role that are told apart.
  public static let maximumCopies = 2
}

/// `90000` as `90s`: in the largest unit that gives a whole number.
func durationText(_ milliseconds: Int64) -> String {
  let units: [(String, Int64)] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)]
  for (name, size) in units where milliseconds >= size && milliseconds % size == 0 { return "\(milliseconds / size)\(name)" }
  return milliseconds > 10_000 ? "\((milliseconds + 999) / 1_000)s" : "\(milliseconds)ms"
}
