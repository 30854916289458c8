import Foundation
import SagaCore

/// A dead letter as a line of JSON, to be kept elsewhere or brought into another database.
///
/// `{"sequence","at","code","message","retryable","attempts","causes","saga","role","version","state","base64"}`; `event` besides, for people, where the message
/// is JSON.
public enum DeadLetterLine {
  /// The line of a dead letter.
  public static func json(_ letter: DeadLetterView) -> JSON {
    var members: [(String, JSON)] = [
      ("sequence", .int(letter.sequence)), ("at", .string(letter.at.rfc3339)), ("code", .string(letter.fault.code)),
      ("message", .string(letter.fault.message)), ("retryable", .bool(letter.fault.isRetryable)),
      ("attempts", .int(letter.fault.attempts)), ("causes", .array(letter.fault.causes.map { .string($0) })),
    ]
    if let machine = letter.machine {
      members += [
        ("saga", .string(machine.saga)), ("role", .string(machine.role)), ("version", .int(machine.version)),
      ]
    }
    if let state = letter.state { members.append(("state", .string(state))) }
    members.append(("base64", .string(Data(letter.bytes).base64EncodedString())))
    if let event = try? JSONParser.parse(letter.bytes) { members.append(("event", event)) }
    return .object(JSONObject(members))
  }

  /// The message of a line and why it was refused, to be handed to an engine: it is a dead letter there, once however often it
  /// is brought in.
  ///
  /// - Throws: `MessageFault` for a line that `json` did not write.
  public static func message(_ line: [UInt8]) throws(MessageFault) -> IncomingMessage {
    let json: JSON
    do throws(JSONError) { json = try JSONParser.parse(line) } catch { throw MessageFault(error) }
    guard let base64 = json["base64"]?.stringValue, let data = Data(base64Encoded: base64),
      let code = json["code"]?.stringValue, let message = json["message"]?.stringValue
    else {
      throw MessageFault(
        code: "dead-letter.line", message: "A line of exported dead letters has `base64`, `code` and `message`.")
    }
    let fault = MessageFault(
      code: code, message: message, isRetryable: json["retryable"]?.boolValue ?? false,
      attempts: json["attempts"]?.intValue ?? 1,
      causes: json["causes"]?.arrayValue?.compactMap(\.stringValue) ?? [])
    return IncomingMessage(bytes: Array(data), fault: fault)
  }
}
