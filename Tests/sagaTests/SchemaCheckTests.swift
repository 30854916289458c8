import Foundation
import SagaCore
import Testing

@Suite("saga schema check") struct SchemaCheckTests {
  private static let order = ##"{"type":"object","required":["id"],"properties":{"id":{"type":"string"}}}"##
  private static let stricter =
    ##"{"type":"object","required":["id","n"],"properties":{"id":{"$ref":"id.schema.json"}}}"##

  private static func world() throws -> CommandLineWorld {
    let world = try CommandLineWorld()
    try world.write("old.schema.json", Array(order.utf8))
    try world.write("new.schema.json", Array(stricter.utf8))
    try world.write("id.schema.json", Array(##"{"type":"string"}"##.utf8))
    try world.write("broken.json", Array("{".utf8))
    try world.write("wrong.schema.json", Array("{\n \"typ\": 1 }".utf8))
    return world
  }

  @Test("what breaks is named with its place, its rule and its mend; what does not is compatible") func text() throws {
    let world = try SchemaCheckTests.world()
    let backward = try world.saga("schema", "check", "old.schema.json", "new.schema.json")
    #expect(backward.code == 1)
    for part in [
      "breaking[required.added] /: ", "rule: new.schema.json#/required", "mend: ", "backward: 1 breaking change",
    ] {
      #expect(backward.output.contains(part), "\(backward.output)")
    }
    let forward = try world.saga("schema", "check", "old.schema.json", "new.schema.json", "--mode", "forward")
    #expect(forward.code == 0)
    #expect(forward.output == "forward: compatible\n")
  }

  @Test("--json gives one object with a verdict for each direction") func json() throws {
    let world = try SchemaCheckTests.world()
    let result = try world.saga("schema", "check", "old.schema.json", "new.schema.json", "--mode", "full", "--json")
    #expect(result.code == 1)
    let json = try JSON.parse(result.output)
    #expect(json["backward"] == false)
    #expect(json["forward"] == true)
    #expect(json["findings"]?.arrayValue?.compactMap { $0["code"]?.stringValue } == ["required.added"])
  }

  @Test(
    "wrong usage, bad files and missing files have their exit codes",
    arguments: [
      (["old.schema.json"], 2), (["old.schema.json", "new.schema.json", "--mode", "sideways"], 2),
      (["old.schema.json", "missing.json"], 3), (["old.schema.json", "broken.json"], 1),
      (["old.schema.json", "wrong.schema.json"], 1),
    ] as [([String], Int32)])
  func exits(arguments: [String], status: Int32) throws {
    let world = try SchemaCheckTests.world()
    let result = try world.saga(["schema", "check"] + arguments)
    #expect(result.code == status, "\(result.errors)")
  }

  @Test("definitions are compared type by type, and an upcast makes an old version readable") func definitions() throws
  {
    let world = try SchemaCheckTests.world()
    func definition(_ version: Int, _ messages: String) -> [UInt8] {
      let text = #"{"saga":"s","version":\#(version),"messages":{\#(messages)},"start":{"A":{}},"steps":[{"set":{}}]}"#
      return Array(text.utf8)
    }
    let key = ##""key":"event.data.id""##
    let old = definition(1, "\"A\":{\(key),\"schema\":\(SchemaCheckTests.order)},\"B\":{\(key)}")
    let lifting = "[{\"schema\":\(SchemaCheckTests.order),\"upcast\":{\"id\":\"event.data.id\",\"n\":1}}]"
    let new = ##"{"type":"object","required":["id","n"]}"##
    try world.write("v1.json", old)
    try world.write("v2.json", definition(2, "\"A\":{\(key),\"schema\":\(new)},\"C\":{\(key)}"))
    try world.write("v3.json", definition(3, "\"A\":{\(key),\"schema\":\(new),\"accepts\":\(lifting)},\"B\":{\(key)}"))
    func codes(_ new: String) throws -> [String] {
      let result = try world.saga("schema", "check", "v1.json", new, "--json")
      return try JSON.parse(result.output)["findings"]?.arrayValue?.map {
        "\($0["type"]?.stringValue ?? "") \($0["verdict"]?.stringValue ?? "")[\($0["code"]?.stringValue ?? "")]"
      } ?? []
    }
    #expect(
      try codes("v2.json") == ["A breaking[required.added]", "B breaking[message.removed]", "C note[message.added]"])
    #expect(try codes("v3.json") == ["A note[message.lifted]"])
    #expect(try world.saga("schema", "check", "v1.json", "v3.json").code == 0)
  }
}
