// Made of expense-claims.json by saga. Change the definition, not this file.

public import SagaRuntime

/// Follows expense claims through approval to the payment. The state is that of the latest event by `time`, whatever
/// the order of arrival; a payment completes the claim, 800 days without news abandon it: longer than any silence of
/// the records, in whatever order they arrive.
public enum ExpenseClaims {
  /// The saga's name.
  public static let saga = "expense-claims"
  /// The definition's version.
  public static let version: Int64 = 1

  /// Any type may begin a claim, since events may arrive in any order. An event older than the latest changes nothing.
  public enum ClaimsRole {
    /// The role's name.
    public static let role = "claims"

    /// The states of an instance.
    public enum State: String, Sendable, CaseIterable {
      case saved
      case submitted
      case approved
      case finalApproved
      case rejected
      case paymentRequested
      case paid
      case abandoned
    }
  }

  /// Starts an instance; as `SagaEngine.start`.
  public static func start(
    _ message: DeclarationSaved, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// Starts an instance; as `SagaEngine.start`.
  public static func start(
    _ message: DeclarationSubmitted, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// Starts an instance; as `SagaEngine.start`.
  public static func start(
    _ message: DeclarationApproved, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// Starts an instance; as `SagaEngine.start`.
  public static func start(
    _ message: DeclarationFinalApproved, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// Starts an instance; as `SagaEngine.start`.
  public static func start(
    _ message: DeclarationRejected, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// Starts an instance; as `SagaEngine.start`.
  public static func start(
    _ message: RequestPayment, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// Starts an instance; as `SagaEngine.start`.
  public static func start(
    _ message: PaymentHandled, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// The employee has a draft.
  public struct DeclarationSaved: SagaMessage, Hashable {
    public static let messageType = "DeclarationSaved"
    public var declarationId: String
    public var amount: Double
    public var by: String?

    public init(declarationId: String, amount: Double, by: String? = nil) {
      self.declarationId = declarationId
      self.amount = amount
      self.by = by
    }
  }

  /// The employee asks for the money, perhaps again.
  public struct DeclarationSubmitted: SagaMessage, Hashable {
    public static let messageType = "DeclarationSubmitted"
    public var declarationId: String
    public var amount: Double
    public var by: String?

    public init(declarationId: String, amount: Double, by: String? = nil) {
      self.declarationId = declarationId
      self.amount = amount
      self.by = by
    }
  }

  /// Administration, budget owner or pre-approver agree.
  public struct DeclarationApproved: SagaMessage, Hashable {
    public static let messageType = "DeclarationApproved"
    public var declarationId: String
    public var amount: Double
    public var by: String?

    public init(declarationId: String, amount: Double, by: String? = nil) {
      self.declarationId = declarationId
      self.amount = amount
      self.by = by
    }
  }

  /// The supervisor agrees.
  public struct DeclarationFinalApproved: SagaMessage, Hashable {
    public static let messageType = "DeclarationFinalApproved"
    public var declarationId: String
    public var amount: Double
    public var by: String?

    public init(declarationId: String, amount: Double, by: String? = nil) {
      self.declarationId = declarationId
      self.amount = amount
      self.by = by
    }
  }

  /// Somebody sends it back; possible even after the payment was requested.
  public struct DeclarationRejected: SagaMessage, Hashable {
    public static let messageType = "DeclarationRejected"
    public var declarationId: String
    public var amount: Double
    public var by: String?

    public init(declarationId: String, amount: Double, by: String? = nil) {
      self.declarationId = declarationId
      self.amount = amount
      self.by = by
    }
  }

  /// The payment is asked for.
  public struct RequestPayment: SagaMessage, Hashable {
    public static let messageType = "RequestPayment"
    public var declarationId: String
    public var amount: Double
    public var by: String?

    public init(declarationId: String, amount: Double, by: String? = nil) {
      self.declarationId = declarationId
      self.amount = amount
      self.by = by
    }
  }

  /// The money is paid.
  public struct PaymentHandled: SagaMessage, Hashable {
    public static let messageType = "PaymentHandled"
    public var declarationId: String
    public var amount: Double
    public var by: String?

    public init(declarationId: String, amount: Double, by: String? = nil) {
      self.declarationId = declarationId
      self.amount = amount
      self.by = by
    }
  }

  /// The payload of `ClaimSettled`.
  public struct ClaimSettled: SagaMessage, Hashable {
    public static let messageType = "ClaimSettled"
    public var declarationId: String
    public var amountCents: Int64
    public var paidAt: String

    public init(declarationId: String, amountCents: Int64, paidAt: String) {
      self.declarationId = declarationId
      self.amountCents = amountCents
      self.paidAt = paidAt
    }
  }

  /// The payload of `ClaimAbandoned`.
  public struct ClaimAbandoned: SagaMessage, Hashable {
    public static let messageType = "ClaimAbandoned"
    public var declarationId: String
    public var state: String
    public var amountCents: Int64

    public init(declarationId: String, state: String, amountCents: Int64) {
      self.declarationId = declarationId
      self.state = state
      self.amountCents = amountCents
    }
  }
}
