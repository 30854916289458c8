/// The files of `saga init`: small, complete, and a place to begin.
enum Starter {
  static func definition(_ name: String) -> String {
    """
    {
      "saga": "\(name)",
      "version": 1,
      "description": "Takes an order: reserves stock, charges the customer, ships. What was done is undone in reverse when a later step fails. Give a changed definition a new version: running sagas keep theirs.",
      "messages": {
        "OrderPlaced": {
          "key": "event.data.orderId",
          "schema": {
            "type": "object", "required": ["orderId", "totalCents"],
            "properties": { "orderId": { "type": "string", "minLength": 1 }, "totalCents": { "type": "integer", "minimum": 0 } }
          }
        },
        "OrderCancelled": { "key": "event.data.orderId" },
        "StockReserved": { "key": "event.data.orderId" },
        "StockMissing": { "key": "event.data.orderId" },
        "StockReleased": { "key": "event.data.orderId" },
        "Charged": {
          "key": "event.data.orderId",
          "schema": {
            "type": "object", "required": ["orderId", "paymentId"],
            "properties": { "orderId": { "type": "string" }, "paymentId": { "type": "string" } }
          }
        },
        "Declined": { "key": "event.data.orderId" },
        "Refunded": { "key": "event.data.orderId" },
        "Shipped": { "key": "event.data.orderId" }
      },
      "data": {
        "type": "object",
        "properties": {
          "totalCents": { "type": "integer", "default": 0 },
          "paymentId": { "type": "string", "default": "" }
        }
      },
      "start": { "OrderPlaced": { "set": { "totalCents": "event.data.totalCents" } } },
      "on": { "OrderCancelled": { "compensate": "'cancelled by the customer'" } },
      "after": { "24h": { "compensate": "'not finished within a day'" } },
      "steps": [
        {
          "step": "reserve",
          "description": "No answer within the timeout: the command is sent again, with the same idempotency key.",
          "call": "ReserveStock", "to": "stock", "with": { "orderId": "saga.key" },
          "reply": { "StockReserved": {}, "StockMissing": { "fail": "'out of stock'" } },
          "timeout": "10s", "retry": { "attempts": 5, "delay": "1s" },
          "undo": { "call": "ReleaseStock", "to": "stock", "with": { "orderId": "saga.key" }, "reply": { "StockReleased": {} } }
        },
        {
          "step": "charge",
          "call": "Charge", "to": "payments", "with": { "orderId": "saga.key", "amountCents": "data.totalCents" },
          "reply": {
            "Charged": { "set": { "paymentId": "event.data.paymentId" } },
            "Declined": { "fail": "event.data.reason" }
          },
          "timeout": "30s",
          "undo": { "call": "Refund", "to": "payments", "with": { "orderId": "saga.key" }, "reply": { "Refunded": {} } }
        },
        {
          "step": "ship", "pivot": true,
          "description": "The pivot: once it is done there is no way back, and it is tried until it is.",
          "call": "Ship", "to": "shipping", "with": { "orderId": "saga.key" }, "reply": { "Shipped": {} }
        }
      ],
      "completed": { "publish": { "OrderFulfilled": { "orderId": "saga.key", "paymentId": "data.paymentId" } } },
      "compensated": { "publish": { "OrderFailed": { "orderId": "saga.key", "reason": "saga.failure.reason" } } }
    }

    """
  }

  static let scenario = """
    {
      "description": "What each participant answers to each command, and how often (weight). Strings in data are expressions over command.",
      "seed": 1,
      "participants": {
        "stock": {
          "ReserveStock": [
            { "reply": "StockReserved", "data": { "orderId": "command.data.orderId" }, "latency": "50ms", "weight": 8 },
            { "reply": "StockMissing", "refuses": true, "data": { "orderId": "command.data.orderId" }, "latency": "50ms", "weight": 1 },
            { "silent": true, "weight": 1 }
          ],
          "ReleaseStock": [{ "reply": "StockReleased", "data": { "orderId": "command.data.orderId" }, "latency": "50ms" }]
        },
        "payments": {
          "Charge": [
            { "reply": "Charged", "data": { "orderId": "command.data.orderId", "paymentId": "'pay-' + command.data.orderId" }, "latency": "300ms", "weight": 6 },
            { "reply": "Declined", "refuses": true, "data": { "orderId": "command.data.orderId", "reason": "'the card was declined'" }, "latency": "200ms", "weight": 3 },
            { "lost": true, "weight": 1 }
          ],
          "Refund": [{ "reply": "Refunded", "data": { "orderId": "command.data.orderId" }, "latency": "500ms" }]
        },
        "shipping": {
          "Ship": [
            { "reply": "Shipped", "data": { "orderId": "command.data.orderId" }, "latency": "2s", "weight": 3 },
            { "silent": true, "weight": 1 }
          ]
        }
      }
    }

    """

  /// Ten orders, one of them cancelled.
  static var messages: String {
    var lines = (1...10).map { number in
      let time = "2026-01-05T09:\(number < 10 ? "0" : "")\(number):00Z"
      return "{\"specversion\":\"1.0\",\"id\":\"placed-\(number)\",\"source\":\"/shop\",\"type\":\"OrderPlaced\","
        + "\"time\":\"\(time)\",\"data\":{\"orderId\":\"o-\(number)\",\"totalCents\":\(number * 1250)}}"
    }
    lines.append(
      "{\"specversion\":\"1.0\",\"id\":\"cancelled-10\",\"source\":\"/shop\",\"type\":\"OrderCancelled\","
        + "\"time\":\"2026-01-05T09:10:00.100Z\",\"data\":{\"orderId\":\"o-10\"}}")
    return lines.joined(separator: "\n") + "\n"
  }
}
