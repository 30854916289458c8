import SagaCore
import SagaSimulation

/// Definitions to explore.
enum ExploredSagas {
  /// Two steps with undos and a pivot, without anything beside.
  static let trip = #"""
    {
      "saga": "trip", "version": 1,
      "messages": {
        "TripWanted": { "key": "event.data.trip" }, "TripDropped": { "key": "event.data.trip" },
        "SeatBooked": { "key": "event.data.trip" }, "SeatTaken": { "key": "event.data.trip" },
        "SeatFreed": { "key": "event.data.trip" }, "Paid": { "key": "event.data.trip" },
        "NotPaid": { "key": "event.data.trip" }
      },
      "start": { "TripWanted": {} },
      "on": { "TripDropped": { "compensate": "'dropped'" } },
      "steps": [
        { "step": "book", "call": "BookSeat", "to": "airline", "with": { "trip": "saga.key" },
          "reply": { "SeatBooked": {}, "SeatTaken": { "fail": "'taken'" } }, "retry": { "attempts": 2 },
          "undo": { "call": "FreeSeat", "to": "airline", "with": { "trip": "saga.key" }, "reply": { "SeatFreed": {} } } },
        { "step": "pay", "pivot": true, "call": "Pay", "to": "bank", "with": { "trip": "saga.key" },
          "reply": { "Paid": {}, "NotPaid": { "fail": "'not paid'" } } }
      ]
    }
    """#

  /// One role waits for an event that the other may never publish.
  static let hanging = #"""
    {
      "saga": "hanging", "version": 1,
      "messages": {
        "Asked": { "key": "event.data.id" }, "Granted": { "key": "event.data.id" },
        "Refused": { "key": "event.data.id" }, "Agreed": { "key": "event.data.id" }
      },
      "roles": {
        "asker": {
          "start": { "Asked": { "goto": "waiting" } },
          "states": { "waiting": { "on": { "Granted": { "goto": "done" } } }, "done": { "final": "completed" } }
        },
        "granter": {
          "start": { "Asked": { "goto": "deciding" } },
          "states": {
            "deciding": {
              "do": [ { "step": "decide", "call": "Decide", "to": "judge", "with": { "id": "saga.key" },
                        "reply": { "Agreed": {}, "Refused": { "fail": "'no'" } }, "undo": "none" } ],
              "done": { "publish": { "Granted": { "id": "saga.key" } }, "goto": "granted" },
              "failed": { "goto": "refused" }
            },
            "granted": { "final": "completed" },
            "refused": { "final": "compensated" }
          }
        }
      }
    }
    """#

  /// One role knocks every ten minutes, for ever; the other has enough of it after half an hour.
  static let patience = #"""
    {
      "saga": "patience", "version": 1,
      "messages": { "Asked": { "key": "event.data.id" }, "Weary": { "key": "event.data.id" } },
      "roles": {
        "asker": {
          "start": { "Asked": { "goto": "knocking" } },
          "states": {
            "knocking": { "on": { "Weary": { "goto": "gone" } }, "after": { "10m": { "goto": "knocking" } } },
            "gone": { "final": "completed" }
          }
        },
        "answerer": {
          "start": { "Asked": { "goto": "listening" } },
          "states": {
            "listening": { "after": { "30m": { "publish": { "Weary": { "id": "saga.key" } }, "goto": "weary" } } },
            "weary": { "final": "completed" }
          }
        }
      }
    }
    """#

  static func load(_ text: String) -> LoadedDefinition {
    LoadedDefinition.load(source: Array(text.utf8), file: "test.json", runsChecks: false)
  }

  static func bounds(
    duplicates: Int = 0, losses: Int = 0, crashes: Int = 0, timeouts: Int = 0, externals: Int = 0
  ) -> ExplorationBounds {
    var bounds = ExplorationBounds()
    bounds.duplicates = duplicates
    bounds.losses = losses
    bounds.crashes = crashes
    bounds.timeouts = timeouts
    bounds.externals = externals
    return bounds
  }
}
