import Foundation
import SagaCore
import Testing

/// The power of the explorer: bugs of the engine that it must find by what it asks of every state, within bounds that take no time.
@Suite("Mutants, explored", .enabled(if: ReleaseBinary.isThere, ReleaseBinary.leftOut))
struct ExploredMutantTests {
  struct Expected: Sendable, CustomTestStringConvertible {
    var mutant: String
    var saga: String
    var property: String
    var testDescription: String { mutant }
  }

  private static let expected = [
    Expected(mutant: "undoOrderReversed", saga: "two-stages", property: "is undone before what came after it"),
    Expected(mutant: "earlierStatesUndoneFirst", saga: "two-stages", property: "is undone before what came after it"),
    Expected(mutant: "pivotForgotten", saga: "after-pivot", property: "is undone after the pivot"),
    Expected(mutant: "pivotIgnoredByCancel", saga: "after-pivot", property: "is undone after the pivot"),
    Expected(mutant: "undosNotAwaited", saga: "after-pivot", property: "Take is not undone"),
    Expected(mutant: "tryOwesNothing", saga: "try-and-go-on", property: "Take is not undone"),
    Expected(mutant: "gotoForgetsOpenCalls", saga: "goto-while-calling", property: "Take is not undone"),
    Expected(mutant: "keyIncludesAttempt", saga: "after-pivot", property: "took effect twice"),
    Expected(mutant: "stateTimersNotArmed", saga: "shared-number", property: "hangs in the state open"),
  ]

  @Test("each is found, and without it there is nothing to find", arguments: expected)
  func found(expected: Expected) async throws {
    let bounds = ["--duplicates", "1", "--losses", "1", "--crashes", "1", "--timeouts", "1", "--json"]
    let arguments = ["explore", MutantHunt.file(expected.saga)] + bounds
    let broken = try await ReleaseBinary.run(arguments + ["--mutant", expected.mutant])
    let property = broken.lines.last?["property"]?.stringValue ?? ""
    #expect(broken.code == 1 && property.contains(expected.property), "\(property) \(broken.errors)")
    let whole = try await ReleaseBinary.run(arguments)
    #expect(whole.code == 0 && whole.lines.last?["verdict"] == "exhausted", "\(whole.errors)")
  }
}
