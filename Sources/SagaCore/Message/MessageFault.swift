/// Why a message cannot be accepted. The bytes go to the dead letters with it.
public struct MessageFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of fault; stable, for machines. This module's are the static members below.
  public var code: String
  /// The cause and the mend, for people.
  public var message: String
  /// Whether the same message can be accepted later without being changed.
  public var isRetryable: Bool
  /// How often a handler had the message before it was given up.
  public var attempts: Int64
  /// What went wrong in the last attempts, oldest first; at most `maximumCauses`, each cut to `maximumCauseCharacters`.
  public private(set) var causes: [String]

  /// How many causes a fault keeps.
  public static let maximumCauses = 10
  /// How much of a cause it keeps.
  public static let maximumCauseCharacters = 1000

  /// A fault with a stable code; see `code` for those of this module.
  public init(
    code: String, message: String, isRetryable: Bool = false, attempts: Int64 = 1, causes: [String] = []
  ) {
    self.code = code
    self.message = message
    self.isRetryable = isRetryable
    self.attempts = attempts
    self.causes = causes.suffix(MessageFault.maximumCauses).map {
      String($0.prefix(MessageFault.maximumCauseCharacters))
    }
  }

  public var description: String { "\(code): \(message)" }

  /// The bytes are no JSON object.
  public static let undecodable = "message.undecodable"
  /// The message breaks a limit of `JSONLimits`.
  public static let limit = "message.limit"
  /// `specversion` is missing or not `1.0`.
  public static let version = "message.specversion"
  /// An attribute is missing, has another type than CloudEvents gives it, or an invalid name or value.
  public static let attribute = "message.attribute"
  /// `data` and `data_base64` are both there, or the latter is no base64.
  public static let data = "message.data"

  /// The fault of a message whose bytes are no JSON.
  public init(_ error: JSONError) {
    if error.isLimit {
      self.init(
        code: MessageFault.limit, message: "The message is over a limit: \(error). Send less, or raise the limit.")
    } else {
      let mend = "Send one CloudEvent as a JSON object in UTF-8."
      self.init(code: MessageFault.undecodable, message: "The message is no JSON: \(error). \(mend)")
    }
  }
}
