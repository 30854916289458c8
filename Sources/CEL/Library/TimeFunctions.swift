extension StandardLibrary {
  /// The parts of timestamps, in UTC or a zone, and of durations (CEL spec, "Timestamps and Durations").
  static var time: [StandardFunction] {
    [
      part("getFullYear") { civil, _ in civil.year },
      part("getMonth") { civil, _ in civil.month - 1 },
      part("getDate") { civil, _ in civil.day },
      part("getDayOfMonth") { civil, _ in civil.day - 1 },
      part("getDayOfWeek") { civil, _ in civil.dayOfWeek },
      part("getDayOfYear") { civil, _ in civil.dayOfYear },
      part("getHours", ofDuration: { $0.seconds / 3600 }, { civil, _ in civil.hour }),
      part("getMinutes", ofDuration: { $0.seconds / 60 }, { civil, _ in civil.minute }),
      part("getSeconds", ofDuration: { $0.seconds }, { civil, _ in civil.second }),
      // Of a duration the milliseconds within its second, as the conformance suite expects.
      part(
        "getMilliseconds", ofDuration: { Int64($0.nanoseconds / 1_000_000) }, { _, nanos in Int(nanos) / 1_000_000 }),
    ]
  }

  private static func part(
    _ name: String, ofDuration: (@Sendable (CELDuration) -> Int64)? = nil,
    _ ofTimestamp: @escaping @Sendable (CivilTime, Int32) -> Int
  ) -> StandardFunction {
    var signatures: [StandardFunction.Signature] = [([.timestamp], .int), ([.timestamp, .string], .int)]
    if ofDuration != nil { signatures.append(([.duration], .int)) }
    let bodies: [Int: FunctionBody] = [
      1: .one { (value, _) throws(CELError) in
        switch value {
        case .timestamp(let timestamp):
          let civil = CivilTime(secondsSinceEpoch: timestamp.seconds)
          return .int(Int64(ofTimestamp(civil, timestamp.nanoseconds)))
        case .duration(let duration): return ofDuration.map { .int($0(duration)) }
        default: return nil
        }
      },
      2: .two { (value, zone, evaluation) throws(CELError) in
        guard case .timestamp(let timestamp) = value, case .string(let name) = zone else { return nil }
        try evaluation.charge(bytes: name.utf8.count)
        guard let offset = TimeZones.offsetSeconds(of: name, at: timestamp.seconds) else {
          throw invalid("unknown time zone '\(String(name.unicodeScalars.prefix(64)))'")
        }
        let civil = CivilTime(secondsSinceEpoch: timestamp.seconds + Int64(offset))
        return .int(Int64(ofTimestamp(civil, timestamp.nanoseconds)))
      },
    ]
    return .member(name, signatures, bodies)
  }
}
