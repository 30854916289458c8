/// What a test has waited for in vain.
package struct WaitedInVain: Error, CustomStringConvertible {
  package var description: String
}

/// Waits until something holds.
///
/// It gives up when the time is over and it has looked 200 times: on a machine that stood still for a while, time alone says nothing.
package func eventually(
  _ what: String, seconds: Int = 120, _ holds: () async throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + .seconds(seconds)
  var looks = 0
  while try await !holds() {
    looks += 1
    if looks >= 200, ContinuousClock.now > deadline {
      throw WaitedInVain(description: "after \(seconds) s it does not hold that \(what)")
    }
    try await Task.sleep(for: .milliseconds(2))
  }
}
