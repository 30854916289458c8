import HeapModule
import SagaCore

/// What happens next in a simulated world.
enum Happening {
  /// A message reaches a service.
  case arrive(Parcel)
  /// A service takes what has gathered in its inbox.
  case flush(service: Int)
  /// A command reaches a participant.
  case command(CommandParcel)
  /// A service hears what became of a batch of messages that it handed out.
  case answer(service: Int, batch: Int)
  /// A service wakes for its timers, or to send what failed.
  case wake(service: Int)
  /// A process starts again.
  case restart(service: Int)
  /// A frozen process goes on, beside its successor.
  case thaw(service: Int)
  /// The outside sends a message.
  case send(OutsideMessage)
  case operate(saga: Int)
  /// Pause ends.
  case resume(InstancePlace)
  /// An operator moves instances to the version that a service has loaded.
  case migrate(service: Int)
  case disturbClock(service: Int)
  case confirmClock(service: Int)
  case poison(service: Int)
  case replayDeadLetters(service: Int)
  /// Faults end; the world is left in peace.
  case heal
}

/// A message that the outside will send.
struct OutsideMessage {
  var type: String
  var saga: Int
  /// Which one of its type.
  var number: Int
  /// A message of the scenario; otherwise it is made up.
  var given: CloudEvent?
  /// How often it was put off, because nobody had recorded the key it needs.
  var postponed = 0
}

/// A command on its way to a participant.
struct CommandParcel {
  var event: CloudEvent
  var destination: String
  var from: Int
  var stream: Int
}

/// An instance as operators name it.
struct InstancePlace {
  var service: Int
  var saga: String
  var role: String
  var key: String
}

/// The things that will happen, by time and then in the order in which they were planned.
struct Agenda {
  private struct Item: Comparable {
    var time: Timestamp
    var number: Int
    var happening: Happening
    static func < (left: Item, right: Item) -> Bool { (left.time, left.number) < (right.time, right.number) }
    static func == (left: Item, right: Item) -> Bool { left.number == right.number }
  }

  private var heap = Heap<Item>()
  private var number = 0
  /// The latest time for which something was planned.
  private(set) var latest = Timestamp(milliseconds: .min)

  var isEmpty: Bool { heap.isEmpty }

  mutating func plan(_ happening: Happening, at time: Timestamp) {
    number += 1
    latest = max(latest, time)
    heap.insert(Item(time: time, number: number, happening: happening))
  }

  mutating func next() -> (time: Timestamp, happening: Happening)? {
    heap.popMin().map { ($0.time, $0.happening) }
  }
}
