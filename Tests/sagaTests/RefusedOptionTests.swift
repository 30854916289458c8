import Testing

@Suite("Options that cannot mean what they say")
struct RefusedOptionTests {
  @Test(
    "--json does not go with an option that prints something else",
    arguments: [
      (["simulate", "x", "--story", "--json"], "--story"), (["simulate", "x", "--mermaid", "--json"], "--mermaid"),
      (["dlq", "show", "--db", "x", "1", "--raw", "--json"], "--raw"),
      (["replay", "x", "--mermaid", "--json"], "--mermaid"),
    ])
  func contradicted(arguments: [String], option: String) throws {
    let refused = try CommandLineWorld().saga(arguments)
    refused.expectRefusal(2, mentioning: option, "does not go with --json")
    #expect(refused.output.isEmpty)
  }

  @Test("hashes are JSON with --story too, which adds to them")
  func hashes() throws {
    let world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    let hashes = try world.saga("simulate", "orders.json", "--seeds", "1", "--hashes", "--story", "--json")
    hashes.expectDone()
    #expect(try hashes.json().count == 1)
  }

  @Test("a list of faults that names none is refused: faults are switched off by none alone")
  func noFaults() throws {
    let world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    for faults in ["", ",", " , ", "disk,-disk"] {
      try world.saga("simulate", "orders.json", "--seeds", "1", "--faults", faults).expectRefusal(
        2, mentioning: "--faults: '\(faults)' names no fault", "none")
    }
    try world.saga("simulate", "orders.json", "--seeds", "1", "--faults", "none").expectDone()
  }

  @Test(
    "a rate that nobody can wait for, or that no clock can keep, is refused with the least and the greatest",
    arguments: ["0.0000000000000001", "0", "-1", "nan", "inf", "1e300"])
  func rate(rate: String) throws {
    try CommandLineWorld().saga("dlq", "replay", "--db", "x", "--count", "2", "--rate", rate).expectRefusal(
      2, mentioning: "--rate takes a number from 0.001", "1000000")
  }
}
