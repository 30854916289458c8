import SagaCore

/// Gives messages of services names that do not depend on how many other things happened before: the engine makes a
/// message id of the sender's revision, which counts late and kept messages too, so that the same message has another id
/// in another order of events.
///
/// The id becomes a hash of what tells a message from every other of its instance: a command by its idempotency key and
/// attempt, anything else by its contents, the visit it was sent in and the input that caused it. The engine compares
/// ids and does nothing else with them, so renaming them one to one changes nothing; that it is one to one is checked
/// along the way to every state (`NodeModel`). Where an expression might read an id nothing is renamed.
struct MessageNames {
  /// The one time that messages carry; nil leaves it as it is.
  var time: Timestamp?
  var renames: Bool

  /// - Parameters:
  ///   - sent: what the engine sent for one input, in order.
  ///   - instances: all instances after the input.
  ///   - cause: names the input.
  func named(_ sent: [SentMessage], instances: [Instance], cause: String) -> [SentMessage] {
    var named: [SentMessage] = []
    var names: Set<String> = []
    for message in sent {
      var event = message.event
      if let time {
        event.time = time.rfc3339
        if event.expirytime != nil { event.expirytime = event.time }
      }
      if renames {
        let isCommand = event.idempotencykey != nil
        event.causationid = nil
        var ordinal: Int64 = 0
        repeat {
          event.id =
            isCommand
            ? commandName(event, instances, ordinal) : eventName(event, instances, cause: cause, ordinal)
          ordinal += 1
        } while !names.insert(event.id).inserted
      }
      named.append(SentMessage(event: event, destination: message.destination))
    }
    return named
  }

  private func commandName(_ event: CloudEvent, _ instances: [Instance], _ ordinal: Int64) -> String {
    let key = event.idempotencykey.flatMap { Hash128(hex: $0) }
    var attempt: Int64 = 1
    for instance in instances {
      if let open = key.flatMap({ instance.attempt(ofCall: $0) }) { attempt = open }
    }
    var builder = HashBuilder()
    builder.append(event.idempotencykey ?? "")
    builder.append(attempt)
    builder.append(ordinal)
    return builder.finalize().hex
  }

  private func eventName(
    _ event: CloudEvent, _ instances: [Instance], cause: String, _ ordinal: Int64
  ) -> String {
    var unnamed = event
    unnamed.id = ""
    var builder = HashBuilder()
    builder.append(unnamed.encode())
    for instance in instances where instance.key == event.sagakey { builder.append(instance.visit) }
    builder.append(cause)
    builder.append(ordinal)
    return builder.finalize().hex
  }
}
