import SagaCore
import Testing

@testable import SagaRuntime

@Suite("Definitions that a store holds")
struct StoredDefinitionTests {
  @Test("are compiled with the schema files in them, which may make them larger than a file")
  func large() throws {
    let text = """
      { "saga": "pay", "version": 1,
        "messages": { "Wanted": { "key": "event.data.id", "schema": { "type": "object", "required": ["id"],
          "properties": { "id": { "type": "string" }, "cents": { "$ref": "money.schema.json" } } } } },
        "start": { "Wanted": {} }, "steps": [ { "set": {} } ] }
      """
    let files = SchemaReader { _ throws(SchemaReader.Fault) in
      Array(#"{ "type": "integer", "description": "\#(String(repeating: "x", count: 1_048_400))" }"#.utf8)
    }
    let loaded = LoadedDefinition.load(source: Array(text.utf8), file: "pay.json", schemas: files, runsChecks: false)
    let machine = try #require(loaded.machines.first, "\(loaded.diagnostics)")
    #expect(machine.source.count > DefinitionLimits.maximumFileBytes)
    #expect(try SagaDefinitions.compileStored(machine.source, role: "").sourceHash == machine.sourceHash)
  }

  @Test("go on for open instances, however many closed ones a store looks at before it finds them")
  func behindManyClosed() throws {
    func definition(_ version: Int, ends type: String) -> String {
      """
      { "saga": "pay", "version": \(version),
        "messages": { "Wanted": { "key": "event.data.id" }, "\(type)": { "key": "event.data.id" } },
        "start": { "Wanted": {} }, "steps": [ { "step": "wait", "reply": { "\(type)": {} } } ] }
      """
    }
    let old = try World([definition(1, ends: "OldPaid")])
    for number in 0..<20 {
      try old.offer("w\(number)", "Wanted", ["id": .string("p\(number)")])
      if number < 19 { try old.offer("p\(number)", "OldPaid", ["id": .string("p\(number)")]) }
    }
    try old.fold()
    let store = FaultyStore(MemoryStore(old.contents))
    store.examinedPerPage = 4
    var configuration = EngineConfiguration()
    configuration.compile = SagaDefinitions.compileStored
    let machines = try World.load(definition(2, ends: "NewPaid"))
    let engine = try ShardEngine(store: store, machines: machines, configuration: configuration, now: old.now)
    let paid = old.message("late", "OldPaid", ["id": "p19"])
    #expect(try engine.offer([paid], now: old.now)[0].deliveries.map(\.outcome) == [.handled])
  }

  @Test("are not taken for one that has the same number in an engine which froze before it wrote any")
  func numbersOfASuccessor() throws {
    let frozen = try World([Definitions.order, Definitions.parcel])
    let successor = try ShardEngine(
      store: frozen.store, machines: try World.load(Definitions.parcel) + World.load(Definitions.order),
      configuration: frozen.configuration, now: frozen.now)
    _ = try successor.offer([frozen.message("o", "Opened", ["id": "p1"])], now: frozen.now)
    let reminder = frozen.now.advanced(byMilliseconds: 3_600_000)
    #expect { _ = try frozen.engine.tick(now: reminder) } throws: { error in
      if case EngineError.foreignWriter(1) = error { true } else { false }
    }
    #expect(try successor.tick(now: reminder).firedTimers == 1)
  }
}
