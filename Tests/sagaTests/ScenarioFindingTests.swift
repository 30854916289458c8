import TestSupport
import Testing

/// A name that a scenario has and no definition knows would pass in silence: what was meant is modelled from the definition.
@Suite("Names of a scenario") struct ScenarioFindingTests {
  @Test(
    "that no definition knows are told with their place and the nearest one that there is",
    arguments: [
      (#""stock""#, #""stok""#, #"no definition sends a command to "stok"; did you mean "stock"?"#),
      (
        #""ReserveStock""#, #""ReservStock""#,
        #"no definition sends "ReservStock" to "stock"; did you mean "ReserveStock"?"#
      ),
      (
        #""StockReserved""#, #""StockReservd""#,
        #"no definition takes "StockReservd" as the answer to "ReserveStock"; did you mean "StockReserved"?"#
      ),
    ])
  func misspelt(name: String, typo: String, told: String) throws {
    let world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    let sound = try world.read("orders.scenario.json")
    try world.write("typo.json", sound.replacing(name, with: typo))
    let simulated = try world.saga("simulate", "orders.json", "--scenario", "typo.json", "--seeds", "1")
    #expect(simulated.errors.contains("typo.json:"))
    #expect(simulated.errors.contains("warning: \(told)"), "\(simulated.errors)")
    let run = try world.saga("run", "--db", "a.db", "--definitions", "orders.json", "--participants", "typo.json")
    #expect(run.errors.contains("warning: \(told)"), "\(run.errors)")
    let whole = try world.saga("simulate", "orders.json", "--seeds", "1")
    #expect(!whole.errors.contains("warning: no definition"), "\(whole.errors)")
  }

  @Test("are not asked for where the kinds of faults are listed") func list() throws {
    let world = try CommandLineWorld()
    #expect(try world.saga("simulate", "--list-faults").output.contains("duplicate"))
    try world.saga("simulate").expectRefusal(2, mentioning: "name a definition file")
  }
}
