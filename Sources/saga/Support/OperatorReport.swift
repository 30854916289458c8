import SagaCore
import SagaRuntime

/// How an operator hears what became of a request.
enum OperatorReport {
  /// Prints the answer.
  ///
  /// - Parameter missing: what to say when the request found nothing.
  /// - Throws: `Failure` (bad) when the request was refused or found nothing.
  static func print(
    _ answer: JSON, done: String, missing: String = "the saga is not in the database any more", json: Bool
  ) throws {
    if json { Console.print(answer) }
    switch answer["result"]?.stringValue {
    case "done": if !json { Console.print(done) }
    case "unchanged": if !json { Console.print("\(done): nothing to do, it is so already") }
    case "replayed", "sent": try printDeliveries(answer, done: done, json: json)
    case "notFound": throw json ? .reported : Failure.bad(missing)
    default: throw json ? .reported : Failure.bad(reason(answer))
    }
  }

  /// Whether the answer says that it is done, or was done before.
  static func isSuccess(_ answer: JSON) -> Bool {
    switch answer["result"]?.stringValue {
    case "done", "unchanged": true
    case "replayed", "sent": answer["deliveries"]?.arrayValue?.allSatisfy(isTaken) ?? true
    default: false
    }
  }

  /// Why nothing was done.
  static func reason(_ answer: JSON) -> String {
    switch answer["result"]?.stringValue {
    case "refused":
      let code = answer["code"]?.stringValue ?? ""
      return "refused (\(code)): \(Text.safe(answer["message"]?.stringValue ?? ""))"
    default: return "the engine answered \(Text.short(answer))"
    }
  }

  /// `orders o-1: started`
  static func line(_ delivery: JSON) -> String {
    let saga = delivery["saga"]?.stringValue
    let role = delivery["role"]?.stringValue ?? ""
    let name = saga.map { role.isEmpty ? $0 : "\($0)/\(role)" }
    let place = [name, delivery["key"]?.stringValue].compactMap { $0 }.joined(separator: " ")
    var line = (place.isEmpty ? "" : "\(Text.safe(place)): ") + (delivery["outcome"]?.stringValue ?? "?")
    if let code = delivery["code"]?.stringValue {
      line += " (\(code)): \(Text.safe(delivery["message"]?.stringValue ?? ""))"
    }
    if delivery["outcome"] == "foreign" { line += ": no loaded definition takes the type here, or its key is null" }
    return line
  }

  private static func isTaken(_ delivery: JSON) -> Bool {
    delivery["outcome"] != "dead-lettered" && delivery["outcome"] != "foreign"
  }

  private static func printDeliveries(_ answer: JSON, done: String, json: Bool) throws {
    let deliveries = answer["deliveries"]?.arrayValue ?? []
    if !json {
      for delivery in deliveries { Console.print(line(delivery)) }
      if deliveries.isEmpty { Console.print(done) }
    }
    if !deliveries.allSatisfy(isTaken) { throw Failure.reported }
  }
}
