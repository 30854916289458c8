import Foundation
import SagaCore

/// What a participant answers to a command.
public struct CommandReply: Sendable {
  /// The reply's type, one that the definition names under the step's `reply`.
  public var type: String
  /// The reply's payload.
  public var data: JSON
  /// Whether nothing was done and nothing has to be undone: a business failure (`fail` in the definition).
  public var isDeclined: Bool
  /// The participant's own rows, written in the transaction that makes the reply durable.
  var write: (@Sendable (any ServiceTransaction) throws -> Void)?

  /// A reply by its type and payload; see `done` and `declined`.
  public init(type: String, data: JSON, isDeclined: Bool = false) {
    self.type = type
    self.data = data
    self.isDeclined = isDeclined
  }

  /// The action was done.
  ///
  /// - Throws: `EncodingError`, `JSONError`: as `JSON.init(encoding:)`.
  public static func done(_ message: some SagaMessage) throws -> CommandReply {
    CommandReply(type: Swift.type(of: message).messageType, data: try JSON(encoding: message))
  }

  /// The action was refused; nothing was done.
  ///
  /// - Throws: `EncodingError`, `JSONError`: as `JSON.init(encoding:)`.
  public static func declined(_ message: some SagaMessage) throws -> CommandReply {
    CommandReply(type: Swift.type(of: message).messageType, data: try JSON(encoding: message), isDeclined: true)
  }

  /// The action was done.
  public static func done(_ type: String, _ data: JSON = [:]) -> CommandReply { CommandReply(type: type, data: data) }

  /// The action was refused; nothing was done, and nothing will be undone.
  public static func declined(_ type: String, _ data: JSON = [:]) -> CommandReply {
    CommandReply(type: type, data: data, isDeclined: true)
  }

  /// The command was done, and its step takes no reply: it is remembered, and nothing is sent.
  public static let unanswered = CommandReply(type: "", data: .null)

  /// The same reply, and rows of the participant's own that become durable with it.
  public func writing(_ body: @escaping @Sendable (any ServiceTransaction) throws -> Void) -> CommandReply {
    var reply = self
    reply.write = body
    return reply
  }
}

extension JSON {
  /// What `JSONEncoder` makes of a value, dates in RFC 3339, members sorted: the same value is always the same text.
  ///
  /// - Throws: `EncodingError`; `JSONError` where the text is beyond what a message may be (`JSONLimits.message`).
  public init(encoding value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = .sortedKeys
    self = try JSONParser.parse(Array(try encoder.encode(value)))
  }

  /// Reads the value as `JSONDecoder` does, dates in RFC 3339.
  ///
  /// - Throws: `DecodingError`.
  public func decode<Value: Decodable>(as type: Value.Type) throws -> Value {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    return try decoder.decode(type, from: Data(JSONWriter.compact(self)))
  }
}
