/// Small definitions in both modes.
enum Definitions {
  /// Orchestrated: charge, ship (pivot), done; a refund undoes the charge.
  static let order = """
    {
      "saga": "order", "version": 1,
      "messages": {
        "OrderPlaced": { "key": "event.data.orderId", "schema": { "type": "object", "required": ["orderId", "totalCents"],
          "properties": { "orderId": { "type": "string" }, "totalCents": { "type": "integer" } } } },
        "OrderCancelRequested": { "key": "event.data.orderId" },
        "Charged": { "key": "event.data.orderId" }, "Declined": { "key": "event.data.orderId" },
        "Refunded": { "key": "event.data.orderId" },
        "Shipped": { "key": "event.data.orderId" }, "ShipRefused": { "key": "event.data.orderId" }
      },
      "data": { "type": "object", "properties": { "totalCents": { "type": "integer", "default": 0 } } },
      "start": { "OrderPlaced": { "set": { "totalCents": "event.data.totalCents" } } },
      "on": { "OrderCancelRequested": { "compensate": "'cancelled by the customer'" } },
      "after": { "24h": { "compensate": "'not finished within a day'" } },
      "steps": [
        { "step": "charge", "call": "Charge", "to": "payments", "with": { "amountCents": "data.totalCents" },
          "reply": { "Charged": {}, "Declined": { "fail": "'declined'" } },
          "timeout": "30s", "retry": { "attempts": 3, "delay": "1s", "factor": 2, "maxDelay": "1m" },
          "undo": { "call": "Refund", "to": "payments", "with": {}, "reply": { "Refunded": {} } } },
        { "step": "ship", "pivot": true, "call": "Ship", "to": "shipping", "with": {},
          "reply": { "Shipped": {}, "ShipRefused": { "fail": "'refused'" } }, "timeout": "1h" },
        { "publish": { "OrderShipped": { "orderId": "saga.key" } } }
      ],
      "completed": { "publish": { "OrderFulfilled": { "orderId": "saga.key" } } },
      "compensated": { "publish": { "OrderCancelled": { "orderId": "saga.key" } } }
    }
    """

  /// Choreographed, one role: opened, then paid, then packed, then sent; messages may come in any order.
  static let parcel = """
    {
      "saga": "parcel", "version": 1,
      "messages": {
        "Opened": { "key": "event.data.id" },
        "Paid": { "key": "event.data.id", "missing": "1h",
          "schema": { "type": "object", "properties": { "cents": { "type": "integer" } } } },
        "Packed": { "key": "event.data.id" },
        "Sent": { "key": "event.data.id" },
        "Tracked": { "key": { "trackingId": "event.data.trackingId" }, "missing": "1h" },
        "Optional": { "key": "event.data.id", "missing": "ignore" },
        "Strict": { "key": "event.data.id", "missing": "reject" },
        "Recalled": { "key": "event.data.ids" }
      },
      "data": { "type": "object", "properties": { "tracked": { "type": "integer", "default": 0 } } },
      "roles": {
        "desk": {
          "start": { "Opened": { "goto": "opened" } },
          "on": {
            "Optional": {}, "Strict": {}, "Recalled": { "publish": { "RecallNoted": { "id": "saga.key" } } },
            "Tracked": { "set": { "tracked": "data.tracked + 1" } }
          },
          "after": { "30d": { "goto": "lost" } },
          "states": {
            "opened": { "on": { "Paid": { "publish": { "Receipt": { "id": "saga.key" } }, "goto": "paid" } },
                        "after": { "1h": { "publish": { "Reminder": { "id": "saga.key" } } } } },
            "paid": { "on": { "Packed": { "correlate": { "trackingId": "event.data.trackingId" }, "goto": "packed" } },
                      "after": { "2h": { "publish": { "PackingOverdue": { "id": "saga.key" } } } } },
            "packed": { "on": { "Sent": { "goto": "sent", "publish": { "Delivered": { "id": "saga.key" } } } } },
            "sent": { "final": "completed" },
            "lost": { "final": "completed" }
          }
        }
      }
    }
    """

  /// Two roles of one shard: what one publishes moves the other.
  static let relay = """
    {
      "saga": "relay", "version": 1,
      "messages": {
        "Asked": { "key": "event.data.id" }, "Handed": { "key": "event.data.id" }, "Returned": { "key": "event.data.id" }
      },
      "roles": {
        "front": {
          "start": { "Asked": { "publish": { "Handed": { "id": "saga.key" } }, "goto": "waiting" } },
          "states": {
            "waiting": { "on": { "Returned": { "goto": "done" } }, "after": { "1d": { "goto": "done" } } },
            "done": { "final": "completed" }
          }
        },
        "back": {
          "start": { "Handed": { "publish": { "Returned": { "id": "saga.key" } }, "goto": "done" } },
          "states": { "done": { "final": "completed" } }
        }
      }
    }
    """
}
