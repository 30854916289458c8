import SagaCore
import Testing

@testable import SagaRuntime

/// Messages of several versions at once, lifted on the way in.
@Suite("Versions of messages") struct VersionedMessageTests {
  private static let definition = """
    {
      "saga": "order", "version": 1,
      "messages": {
        "OrderPlaced": {
          "key": "has(event.data.orderId) ? event.data.orderId : event.data.id",
          "schema": {
            "type": "object", "required": ["orderId", "totalCents"], "additionalProperties": false,
            "properties": { "orderId": { "type": "string" }, "totalCents": { "type": "integer", "minimum": 1 } }
          },
          "accepts": [
            {
              "dataschema": "https://example.com/order/2",
              "schema": { "type": "object", "required": ["orderId", "total"],
                "properties": { "orderId": { "type": "string" }, "total": { "type": "number" } } },
              "upcast": { "orderId": "event.data.orderId", "totalCents": "int(event.data.total * 100.0)" }
            },
            {
              "schema": { "type": "object", "required": ["id", "total"],
                "properties": { "id": { "type": "string" }, "total": { "type": "string" } } },
              "upcast": { "orderId": "event.data.id", "totalCents": "int(event.data.total)" }
            }
          ]
        }
      },
      "data": { "type": "object", "properties": { "totalCents": { "type": "integer", "default": 0 } } },
      "start": { "OrderPlaced": { "set": { "totalCents": "event.data.totalCents" } } },
      "steps": [ { "step": "settle", "reply": { "OrderPaid": {} }, "timeout": "1h" } ]
    }
    """

  private static func world() throws -> World {
    let paid = definition.replacing(
      #""messages": {"#, with: #""messages": { "OrderPaid": { "key": "event.data.orderId" },"#)
    return try World([paid])
  }

  /// What became of a message: the total of its instance, or the code of its dead letter.
  private static func result(_ world: World, _ data: JSON, dataschema: String? = nil) throws -> String {
    var event = CloudEvent(id: "m", source: "/test", type: "OrderPlaced", data: data)
    event.dataschema = dataschema
    let receipt = try world.engine.offer([IncomingMessage(bytes: event.encode())], now: world.now)[0]
    let delivery = try #require(receipt.deliveries.first)
    if case .deadLettered(let code, _) = delivery.outcome { return code }
    let instance = try world.instance(try #require(delivery.key), saga: "order", role: "")
    return try #require(instance).data.description
  }

  @Test(
    "data of each version becomes data of the newest, or a dead letter that says why",
    arguments: [
      (["orderId": "o", "totalCents": 7], nil, #"{"totalCents":7}"#),
      // By its dataschema, and by its form where it names none.
      (["orderId": "o", "total": 1.25], "https://example.com/order/2", #"{"totalCents":125}"#),
      (["orderId": "o", "total": 1.25], nil, #"{"totalCents":125}"#),
      (["id": "o", "total": "3"], nil, #"{"totalCents":3}"#),
      // A name that nobody knows leaves the form to decide.
      (["id": "o", "total": "3"], "https://example.com/order/1", #"{"totalCents":3}"#),
      // It names a version that it does not fit.
      (["id": "o", "total": "3"], "https://example.com/order/2", "message.schema"),
      (["id": "o"], nil, "message.schema"),
      // The upcast gives what the newest version does not allow, or fails.
      (["id": "o", "total": "0"], nil, "message.upcast"),
      (["id": "o", "total": "much"], nil, "message.upcast"),
    ] as [(JSON, String?, String)])
  func lifted(data: JSON, dataschema: String?, expected: String) throws {
    let world = try VersionedMessageTests.world()
    #expect(try VersionedMessageTests.result(world, data, dataschema: dataschema) == expected)
  }
}
