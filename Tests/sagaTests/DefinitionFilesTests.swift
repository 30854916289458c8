import SagaCore
import Testing

/// Commands that are given several definitions, and the same one several times.
@Suite("Several definition files") struct DefinitionFilesTests {
  private let world: CommandLineWorld

  /// `orders.json`, a copy of it, the same version with other content, and the next version.
  init() throws {
    world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    let text = try world.read("orders.json")
    try world.write("copy.json", text)
    try world.write("changed.json", text.replacing("\"timeout\": \"30s\"", with: "\"timeout\": \"31s\""))
    try world.write("next.json", text.replacing("\"version\": 1", with: "\"version\": 2"))
  }

  @Test(
    "that make one version of a saga two things are refused, and both are named",
    arguments: [
      ["check", "orders.json", "changed.json"], ["simulate", "orders.json", "changed.json", "--seeds", "1"],
      ["explore", "orders.json", "changed.json"],
      ["run", "--db", "x.db", "--definitions", "orders.json", "changed.json"],
      ["generate", "swift", "orders.json", "changed.json", "--output", "made"],
    ])
  func conflict(arguments: [String]) throws {
    try world.saga(arguments).expectRefusal(
      1, mentioning: "changed.json:2:11: error[", "orders.json is version 1 of 'orders'")
  }

  @Test("that conflict are told of by check as JSON, with a code that it explains")
  func json() throws {
    let result = try world.saga("check", "orders.json", "changed.json", "next.json", "--json")
    #expect(result.code == 1)
    let findings = try result.json()
    #expect(findings.map { $0["code"] } == ["definition.twice"])
    #expect(findings.first?["file"] == "changed.json")
    try world.saga("check", "--explain", "definition.twice").expectDone()
  }

  @Test(
    "of two versions of a saga are checked together and make no world together", arguments: ["simulate", "explore"])
  func versions(command: String) throws {
    try world.saga("check", "orders.json", "next.json").expectDone()
    try world.saga(command, "orders.json", "next.json")
      .expectRefusal(2, mentioning: "orders.json and next.json are versions 1 and 2 of the saga 'orders'")
  }

  @Test("that are one file, or a copy of it, count once")
  func once() throws {
    #expect(try world.saga("check", "orders.json", "./orders.json").output.hasPrefix("1 definition checked"))
    try world.saga("generate", "swift", "orders.json", "orders.json", "--output", "made").expectDone()
    let alone = try world.saga("simulate", "orders.json", "--seed", "7", "--seeds", "2", "--hashes")
    alone.expectDone()
    for other in ["orders.json", "copy.json"] {
      let twice = try world.saga("simulate", "orders.json", other, "--seed", "7", "--seeds", "2", "--hashes")
      #expect(twice.output == alone.output, "\(other)")
    }
  }
}
