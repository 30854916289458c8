import SagaCore
import Testing

@testable import SagaSimulation

@Suite("What an exploration is made of")
struct ComponentTests {
  @Test("An allowance spends each kind apart")
  func allowance() {
    let allowance = Allowance(ExploredSagas.bounds(duplicates: 2, losses: 1, timeouts: 9, externals: 1))
    #expect(allowance.left(.duplicates) == 2 && allowance.left(.timeouts) == ExplorationBounds.maximum)
    let spent = allowance.spending(.losses).spending(.duplicates)
    #expect(!spent.has(.losses) && spent.left(.duplicates) == 1 && spent.has(.externals) && !spent.has(.crashes))
    #expect(!spent.hasCome(3) && spent.coming(3).hasCome(3) && spent.coming(3).left(.timeouts) == 7)
    #expect(spent.fault == nil && spent.with(.undoneTooEarly).fault == .undoneTooEarly)
    #expect(
      spent.with(.forgotten).with(.undoneAfterPivot).fault == .forgotten && spent.with(.forgotten).has(.externals))
  }

  @Test("A state with less of any allowance is covered by one with as much of each, and by no other")
  func covering() {
    func state(_ duplicates: Int, _ losses: Int, _ low: UInt64 = 7) -> PackedState {
      let allowance = Allowance(ExploredSagas.bounds(duplicates: duplicates, losses: losses))
      return PackedState(low: low, high: 5 << 32 | UInt64(allowance.word))
    }
    var visited = VisitedStates(allowance: UInt64(Allowance.counters))
    #expect(visited.insert(state(1, 1), from: 0, limit: 100) == .new)
    #expect(visited.insert(state(1, 0), from: 0, limit: 100) == .known)
    #expect(visited.insert(state(0, 0), from: 0, limit: 100) == .known)
    #expect(visited.insert(state(2, 0), from: 0, limit: 100) == .new)
    #expect(visited.insert(state(0, 2), from: 0, limit: 100) == .new)
    #expect(visited.insert(state(2, 2), from: 0, limit: 100) == .new)
    #expect(visited.insert(state(2, 1), from: 0, limit: 100) == .known)
    #expect(visited.insert(state(0, 0, 8), from: 0, limit: 100) == .new)
  }

  @Test("The table of visited states keeps every state when it grows")
  func growing() {
    var visited = VisitedStates()
    for round in 0..<2 {
      for number in UInt64(0)..<20_000 {
        let state = PackedState(low: number &* 0x1_0000_0001, high: number % 7)
        #expect(visited.insert(state, from: 0, limit: .max) == (round == 0 ? .new : .known))
      }
    }
    #expect(visited.count == 20_000)
  }

  @Test("A word table gives back what was put in")
  func words() {
    var table = WordTable()
    for number in UInt64(0)..<5_000 { table.add(number << 32 | number, UInt32(number)) }
    #expect((UInt64(0)..<5_000).allSatisfy { table[$0 << 32 | $0] == UInt32($0) })
    #expect(table[1] == nil)
  }

  @Test("Sets of letters are numbered by what is in them")
  func letterSets() {
    var sets = LetterSets()
    let (one, two) = (sets.number(of: [1]), sets.number(of: [2]))
    let both = sets.adding(one, to: two)
    #expect(sets[both] == [1, 2])
    #expect(sets.adding(two, to: one) == both && sets.adding(one, to: both) == both)
    #expect(sets.removing(1, from: both) == two)
    #expect(sets.removing(2, from: two) == LetterSets.empty)
  }

  @Test("A definition reads times or identities only where an expression may")
  func reads() {
    func reads(_ expression: String) -> DefinitionReads {
      let text = ExploredSagas.trip.replacing("\"'dropped'\"", with: "\"\(expression)\"")
      return DefinitionReads([ExploredSagas.load(text).definition].compactMap { $0 })
    }
    #expect(!reads("'dropped'").time && !reads("'dropped'").identity)
    #expect(reads("string(event.time)").time && !reads("string(event.time)").identity)
    #expect(reads("string(now)").time)
    #expect(reads("event.id").identity && reads("dyn(event).id").identity)
    #expect(!reads("event.data.why").identity)
  }

  @Test("Values that go into a condition are varied, others are not")
  func decisive() {
    let text = #"""
      {
        "saga": "s", "version": 1,
        "messages": {
          "Begun": { "key": "event.data.id", "schema": { "type": "object", "required": ["id", "size", "note"], "properties": {
            "id": { "type": "string" }, "size": { "type": "integer", "minimum": 1 }, "note": { "type": "string" } } } }
        },
        "data": { "type": "object", "properties": { "amount": { "type": "integer", "default": 0 } } },
        "start": { "Begun": { "set": { "amount": "event.data.size" } } },
        "steps": [ { "choose": [ { "when": "data.amount > 10", "steps": [ { "fail": "'large'" } ] }, { "steps": [] } ] } ]
      }
      """#
    let definitions = [ExploredSagas.load(text).definition].compactMap { $0 }
    let reads = DefinitionReads(definitions)
    #expect(reads.decisive.isSuperset(of: ["amount", "size"]))
    #expect(!reads.decisive.contains("note"))
    let shape = MessageShapes(definitions)["Begun"]
    let plain = MessageShapes(definitions).data(of: "Begun", key: "k", echo: nil, .recorded([]), 0)
    let variants = shape.plan.variants(of: plain, echo: nil, decisive: reads.decisive)
    #expect(!variants.isCut && variants.listElements == nil)
    let sizes = variants.payloads.map { ($0 ?? plain)["size"]?.intValue ?? 0 }
    #expect(sizes.contains { $0 > 10 } && sizes.contains { $0 <= 10 })
    #expect(variants.payloads.allSatisfy { ($0 ?? plain)["note"] == plain["note"] })
  }

  @Test("Literals come with their neighbours: whole numbers, decimals and times")
  func literals() {
    let expressions = [
      "data.rate > 99.95 || data.rate == .5", "data.size > 7 && data.rate < -1e2",
      "data.at < timestamp('2026-03-01T00:00:00Z')",
      "no numbers: 36h, 1.2.3, v1.5",
    ]
    let pool = LiteralPool(definition: .array(expressions.map { .string($0) }))
    #expect(pool.integers == [6, 7, 8] && pool.negativeIntegers == [])
    #expect(
      pool.decimals == [-100.01, -100, -99.99, 0.49, 0.5, 0.51, 99.94, 99.95, 99.96, 99.99, 100, 100.01])
    #expect(pool.strings == ["2026-03-01T00:00:00Z"])
    #expect(
      pool.timestamps == ["2026-03-01T00:00:00Z", "2026-02-28T23:59:59.000Z", "2026-03-01T00:00:01.000Z"])
    #expect(pool.cut.isEmpty)
  }

  @Test("A pool says of which kind it keeps less than there is")
  func cutPool() {
    let strings = (0...LiteralPool.maximum).map { JSON.string("data.note == 'note \($0)' && data.size > 7") }
    #expect(LiteralPool(definition: .array(strings)).cut == [.strings])
    #expect(LiteralPool(definition: .array(Array(strings.dropLast()))).cut == [])
  }

  @Test("A time is one value, and those on both sides of the times that a definition mentions")
  func times() throws {
    let at: JSON = ["type": "string", "format": "date-time"]
    let schema = try Schema(json: ["type": "object", "required": ["at"], "properties": ["at": at]])
    let plain = PayloadPlanner.plan(for: schema, pool: LiteralPool()).value(.recorded([]), 0)
    #expect(plain == ["at": "2026-01-01T00:00:00Z"])
    func times(_ pool: LiteralPool) -> [String] {
      let plan = PayloadPlanner.plan(for: schema, pool: pool)
      let variants = plan.variants(of: plain, echo: nil, decisive: ["at"])
      #expect(!variants.isCut)
      return variants.payloads.compactMap { $0?["at"]?.stringValue }
    }
    #expect(times(LiteralPool(definition: "data.note == 'no time'")) == [])
    let pool = LiteralPool(definition: "data.at < timestamp('2026-03-01T00:00:00Z')")
    #expect(times(pool) == pool.timestamps && pool.timestamps.count == 3)
  }

  /// The payloads that are tried of a message with this schema, and of a definition with these literals.
  private func variants(_ schema: JSON, _ literals: String = "", decisive: Set<String>) throws -> PayloadVariants {
    let pool = LiteralPool(definition: .string(literals))
    let plan = PayloadPlanner.plan(for: try Schema(json: schema), pool: pool)
    return plan.variants(of: plan.value(.recorded([]), 0), echo: nil, decisive: decisive)
  }

  @Test("A whole number with a sign comes with its neighbours, where the schema allows less than nothing")
  func negative() throws {
    let pool = LiteralPool(definition: "data.balance < -50 && data.size - 3 > 0")
    #expect(pool.negativeIntegers == [-51, -50, -49])
    func balances(_ schema: JSON) throws -> [JSON?] {
      try variants(
        ["type": "object", "properties": ["balance": schema], "required": ["balance"]], "data.balance < -50",
        decisive: ["balance"]
      ).payloads.map { $0?["balance"] }
    }
    #expect(try balances(["type": "integer"]).contains(-51))
    #expect(try balances(["type": "number"]).contains(-51.0))
    #expect(try !balances(["type": "integer", "minimum": 0]).contains(-51))
  }

  @Test("Members of members are varied, too, and only those that may decide")
  func nested() throws {
    let order: JSON = [
      "type": "object", "required": ["total", "note"],
      "properties": ["total": ["type": "integer"], "note": ["type": "string"]],
    ]
    let schema: JSON = ["type": "object", "required": ["order"], "properties": ["order": order]]
    let found = try variants(schema, "data.order.total > 70 && 'x' == 'y'", decisive: ["order", "total"])
    let totals = found.payloads.compactMap { $0?["order"]?["total"] }
    #expect(totals.contains(71) && totals.contains(70) && !found.isCut)
    #expect(found.payloads.allSatisfy { $0 == nil || $0?["order"]?["note"] == "a" })
    #expect(try variants(schema, decisive: ["order"]).payloads.count == 1)
  }

  @Test("Each alternative of a schema is tried, with its members")
  func alternatives() throws {
    let card: JSON = ["type": "object", "required": ["card"], "properties": ["card": ["type": "string"]]]
    let cash: JSON = ["type": "object", "required": ["cents"], "properties": ["cents": ["type": "integer"]]]
    let found = try variants(["oneOf": [card, cash]], "data.cents > 70", decisive: ["cents"])
    #expect(found.payloads.contains { $0?["cents"] == 71 && $0?["card"] == nil })
    #expect(try variants(["oneOf": [card, cash]], "data.cents > 70", decisive: ["other"]).payloads.count == 1)
  }

  @Test("Lists have every combination of elements, and say where they may have more of them")
  func lists() throws {
    func schema(_ list: JSON) -> JSON { ["type": "object", "required": ["lines"], "properties": ["lines": list]] }
    let line: JSON = ["type": "object", "required": ["isGift"], "properties": ["isGift": ["type": "boolean"]]]
    let open = try variants(schema(["type": "array", "items": line]), decisive: ["lines", "isGift"])
    // Without any, with one of two kinds, with two.
    #expect(open.payloads.count == 1 + 2 + 4 && open.listElements == 2 && !open.isCut)
    let three = try variants(schema(["type": "array", "minItems": 3, "items": line]), decisive: ["lines", "isGift"])
    #expect(three.payloads.count == 8 && three.listElements == 3)
    let closed = try variants(schema(["type": "array", "maxItems": 2, "items": line]), decisive: ["lines"])
    #expect(closed.payloads.count == 3 && closed.listElements == nil)
    let many = try variants(
      schema(["type": "array", "minItems": 9, "items": line]), decisive: ["lines", "isGift"])
    #expect(many.isCut && many.payloads.count == PayloadVariants.maximum)
  }

  @Test("References are followed however they are written, and bounds at the end of the numbers are bounds")
  func schemas() throws {
    let schema: JSON = [
      "$defs": ["a/b": ["allOf": [["type": "integer", "minimum": 7]]], "size": ["type": "string", "minLength": 3]],
      "type": "object", "required": ["first", "second", "large", "long"],
      "properties": [
        "first": ["$ref": "#/$defs/a~1b/allOf/0"], "second": ["$ref": "#/%24defs/size"],
        "large": ["type": "integer", "minimum": .int(.max), "multipleOf": 10],
        "long": ["type": "string", "minLength": .int(1 << 40)],
      ],
    ]
    let plain = PayloadPlanner.plan(for: try Schema(json: schema), pool: LiteralPool()).value(.recorded([]), 0)
    #expect(plain["first"] == 7 && plain["second"] == "aaa" && plain["large"] == .int(.max))
    #expect(plain["long"]?.stringValue?.count == PayloadPlanner.maximumLength)
  }
}
