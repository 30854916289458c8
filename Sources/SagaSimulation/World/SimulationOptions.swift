import SagaCore

/// How a definition is simulated.
public struct SimulationOptions: Sendable {
  /// Sagas that a run starts, side by side.
  public var sagas = 3
  /// The kinds of faults that a run may draw.
  public var faults: Set<FaultKind> = Set(FaultKind.allCases)
  /// How long faults go on in virtual time at least, then the world is left in peace and every saga must settle. Where a
  /// definition waits for longer, faults go on until after that in one run of three.
  public var faultMilliseconds: Int64 = 2 * 86_400_000
  /// Things that may happen until faults end, which they do then at the latest; and after that until the world is at rest:
  /// more is a saga that never comes to rest.
  public var maximumEvents = 20_000
  /// When virtual time begins in every world: 2026-01-01T00:00:00Z. A trace does not say it.
  public static let start = Timestamp(milliseconds: 1_767_225_600_000)

  /// The options of `saga simulate`.
  public init() {}
}
