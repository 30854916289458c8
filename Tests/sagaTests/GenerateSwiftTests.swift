import Foundation
import SagaCore
import Testing

@Suite("saga generate swift")
struct GenerateSwiftTests {
  private let world: CommandLineWorld

  init() throws {
    world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
  }

  private func modified(_ name: String) throws -> Date {
    let attributes = try FileManager.default.attributesOfItem(atPath: world.folder.path(name))
    return try #require(attributes[.modificationDate] as? Date)
  }

  @Test("prints the Swift of one definition; --json puts it into an object")
  func prints() throws {
    let plain = try world.saga("generate", "swift", "orders.json")
    plain.expectDone()
    #expect(plain.output.hasPrefix("// Made of orders.json by saga."))
    #expect(plain.output.contains("\nenum Orders {\n"))
    let json = try #require(try world.saga("generate", "swift", "orders.json", "--json").json().first)
    #expect(json["swift"]?.stringValue == plain.output)
    #expect(json["namespace"] == "Orders")
    #expect(json["saga"] == "orders")
  }

  @Test("writes a file for each definition of a folder, and leaves those untouched that would not change")
  func writes() throws {
    try world.saga("init", "trips").expectDone()
    let first = try world.saga("generate", "swift", ".", "--output", "made/swift", "--access", "public")
    first.expectDone()
    #expect(first.output == "made/swift/orders.saga.swift: written\nmade/swift/trips.saga.swift: written\n")
    #expect(try world.read("made/swift/orders.saga.swift").contains("\npublic enum Orders {\n"))
    let long = Date(timeIntervalSince1970: 1_000_000_000)
    for name in ["orders", "trips"] {
      try FileManager.default.setAttributes(
        [.modificationDate: long], ofItemAtPath: world.folder.path("made/swift/\(name).saga.swift"))
    }
    try world.write(
      "trips.json", try world.read("trips.json").replacing("\"version\": 1", with: "\"version\": 2"))
    let second = try world.saga("generate", "swift", ".", "--output", "made/swift", "--access", "public", "--json")
    second.expectDone()
    #expect(try second.json().map { $0["written"] } == [false, true])
    #expect(try modified("made/swift/orders.saga.swift") == long)
    #expect(try modified("made/swift/trips.saga.swift") > long)
  }

  @Test(
    "says what is wrong with what it is given",
    arguments: [
      (["nope.json"], 3, "nope.json: there is no such file"), (["orders.json", "copy/orders.json"], 2, "--output"),
      (["orders.json", "copy/changed.json", "--output", "o"], 1, "is version 1 of 'orders' already"),
      (["orders.json", "copy/orders.json", "--output", "o"], 2, "would both become orders.saga.swift"),
      (["orders.json", "--access", "open"], 2, "open"), (["orders.scenario.json"], 1, "error["), ([], 2, "paths"),
      (["orders.json", "--output", "orders.json"], 3, "orders.json/orders.saga.swift"),
      (["clash.json"], 1, "error[swift.name-clash]"),
    ] as [([String], Int32, String)])
  func refusals(arguments: [String], code: Int32, word: String) throws {
    let orders = try world.read("orders.json")
    try FileManager.default.createDirectory(
      atPath: world.folder.path("copy"), withIntermediateDirectories: true)
    try world.write("copy/orders.json", orders.replacing("\"version\": 1", with: "\"version\": 2"))
    try world.write(
      "copy/changed.json",
      orders.replacing("\"messages\": {", with: "\"messages\": { \"OrderNoticed\": { \"key\": \"event.data.id\" },"))
    if arguments == ["clash.json"] {
      try world.write(
        "clash.json",
        orders.replacing("\"messages\": {", with: "\"messages\": { \"Order.Placed\": { \"key\": \"event.data.id\" },")
          .replacing("\"start\": {", with: "\"start\": { \"Order.Placed\": {},"))
    }
    try world.saga(["generate", "swift"] + arguments).expectRefusal(code, mentioning: word)
  }

  @Test("the plugin's tool writes the same text, and says what is wrong as compilers do")
  func tool() throws {
    let tool = Command.executable.deletingLastPathComponent().appendingPathComponent("saga-generate")
    func generate(_ arguments: String...) throws -> Command.Result {
      try Command(arguments, in: world.folder.url, executable: tool).run()
    }
    let made = try generate("internal", "made", "orders.json")
    made.expectDone()
    #expect(made.output + made.errors == "")
    #expect(
      try world.read("made/orders.saga.swift") == world.saga("generate", "swift", "orders.json").output)
    try world.write("broken.json", try world.read("orders.json").replacing("\"saga\":", with: "\"sage\":"))
    let broken = try generate("internal", "made", "orders.json", "broken.json")
    #expect(broken.code == 1)
    let finding = /broken\.json:\d+:\d+: error: .*`sage`.*Did you mean `saga`\?.* \[field\.unknown\]\n/
    #expect(broken.errors.contains(finding), "\(broken.errors)")
    #expect(!FileManager.default.fileExists(atPath: world.folder.path("made/broken.saga.swift")))
    #expect(try generate("internal", "made", "nope.json").code == 3)
    #expect(try generate("open", "made", "orders.json").code == 2)
    #expect(try generate("internal", "orders.json", "orders.json").code == 3)
  }
}
