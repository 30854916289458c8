import Foundation
import SagaCore

/// The machine's clocks. Only shells read them; the engine is told the time.
public enum WallClock {
  /// The time of day, which a correction of the machine's clock moves.
  public static var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: milliseconds(time))
  }

  /// Milliseconds that never go back and do not follow corrections of the wall clock.
  public static var monotonicMilliseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return milliseconds(time)
  }

  /// Both clocks at one moment.
  struct Reading {
    var wall: Timestamp
    var monotonicMilliseconds: Int64

    /// A wall clock that leaps between the two looks is found out by the next reading.
    static var now: Reading {
      Reading(wall: WallClock.now, monotonicMilliseconds: WallClock.monotonicMilliseconds)
    }
  }

  private static func milliseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
