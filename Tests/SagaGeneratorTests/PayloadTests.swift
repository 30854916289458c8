import SagaCore
import SagaRuntime
import Testing

/// With the types that are generated of `sagas/every-shape.json`.
@Suite("Payloads of generated types")
struct PayloadTests {
  private typealias Wanted = EveryShape.ShapeWantedV1

  private static let smallest: JSON = [
    "id": "s-1", "default": true, "when": "2026-01-01T00:00:00Z", "nothing": nil, "free": nil, "price": ["cents": 5],
    "kind": "card", "fixed": "EUR", "yes": true, "unsaid": [1, "two", ["three": nil]],
  ]

  @Test("say in JSON what they said before, member for member")
  func roundTrip() throws {
    var full = try #require(Self.smallest.objectValue)
    full["order-id"] = "o"
    full["orderId"] = 7
    full["order_id"] = 1.5
    full["free"] = ["a": [1, 2.5, false, nil]]
    full["any"] = 3
    full["again"] = ["cents": 1, "currency": "EUR"]
    full["address"] = ["street": "High Street", "kind": "a-b"]
    full["lines"] = [["sku": "x", "lines": [["sku": "y"]], "next": ["sku": "z"]]]
    full["loop"] = [[[], []]]
    full["map"] = ["a": 1, "b": nil]
    full["closed"] = [:]
    full["matrix"] = [[["String": "s"], [:]], []]
    full["string"] = ["a": "b"]
    full["seven"] = 7
    full["€"] = "euro"
    full["2fa"] = "code"
    full["weird\"\\key"] = "w"
    full["URLPath"] = "/"
    full["SKU"] = "sku"
    full["both"] = ["cents": 1, "note": "n"]
    full["self"] = Self.smallest
    for payload in [Self.smallest, .object(full)] {
      let read = try payload.decode(as: Wanted.self)
      #expect(try JSON(encoding: read) == payload)
    }
  }

  @Test("write null where the schema requires a member that may be null, and leave out what is optional")
  func nulls() throws {
    let read = try Self.smallest.decode(as: Wanted.self)
    #expect(read.nothing == nil)
    #expect(read.free == .null)
    let written = try JSON(encoding: read)
    #expect(written["nothing"] == .null)
    #expect(written["maybe"] == nil)
  }

  @Test("keep a value of an enum that a later version has added")
  func laterValues() throws {
    var later = try #require(Self.smallest.objectValue)
    later["kind"] = "voucher"
    let read = try JSON.object(later).decode(as: Wanted.self)
    #expect(read.kind == .unrecognized("voucher"))
    #expect(try JSON(encoding: read)["kind"] == "voucher")
    #expect(EveryShape.Address.Kind(rawValue: "A_B") == .aB2)
    #expect(EveryShape.Address.Kind.unrecognized2.rawValue == "unrecognized")
  }

  @Test("are refused without what the schema requires")
  func missing() throws {
    var lacking = try #require(Self.smallest.objectValue)
    lacking["price"] = nil
    let payload = JSON.object(lacking)
    #expect(throws: DecodingError.self) { try payload.decode(as: Wanted.self) }
  }

  @Test("are the same text every time")
  func deterministic() throws {
    let read = try Self.smallest.decode(as: Wanted.self)
    let texts = Set(try (0..<20).map { _ in try JSON(encoding: read).description })
    #expect(texts.count == 1)
  }

  @Test("make CloudEvents of their type")
  func events() throws {
    let event = try CloudEvent(
      OrderFulfillment.OrderCancelRequested(orderId: "o-1"), source: "/desk", id: "1",
      time: Timestamp(rfc3339: "2026-01-01T00:00:00Z"))
    #expect(event.type == "OrderCancelRequested")
    #expect(event.data == ["orderId": "o-1"])
    #expect(try CloudEvent.decode(event.encode()) == event)
  }

  @Test("name the states of an orchestration, and those of each role of a choreography")
  func states() {
    #expect(OrderFulfillment.State.allCases.map(\.rawValue) == ["working", "completed", "compensated"])
    #expect(OrderChoreography.PaymentsRole.role == "payments")
    #expect(OrderChoreography.PaymentsRole.State(rawValue: "charged") == .charged)
    #expect(ExpenseClaims.ClaimsRole.State.allCases.count > 2)
  }
}
