// Made of expense-claims.json by saga. Change the definition, not this file.

import SagaRuntime

/// Follows expense claims through approval to the payment. The state is that of the latest event by `time`, whatever
/// the order of arrival; a payment completes the claim, 800 days without news abandon it: longer than any silence of
/// the records, in whatever order they arrive.
enum ExpenseClaims {
  /// The saga's name.
  static let saga = "expense-claims"
  /// The definition's version.
  static let version: Int64 = 1

  /// Any type may begin a claim, since events may arrive in any order. An event older than the latest changes nothing.
  enum ClaimsRole {
    /// The role's name.
    static let role = "claims"

    /// The states of an instance.
    enum State: String, Sendable, CaseIterable {
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
  static func start(
    _ message: DeclarationSaved, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// Starts an instance; as `SagaEngine.start`.
  static func start(
    _ message: DeclarationSubmitted, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// Starts an instance; as `SagaEngine.start`.
  static func start(
    _ message: DeclarationApproved, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// Starts an instance; as `SagaEngine.start`.
  static func start(
    _ message: DeclarationFinalApproved, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// Starts an instance; as `SagaEngine.start`.
  static func start(
    _ message: DeclarationRejected, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// Starts an instance; as `SagaEngine.start`.
  static func start(
    _ message: RequestPayment, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// Starts an instance; as `SagaEngine.start`.
  static func start(
    _ message: PaymentHandled, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// The employee has a draft.
  struct DeclarationSaved: SagaMessage, Hashable {
    static let messageType = "DeclarationSaved"
    var declarationId: String
    var amount: Double
    var by: String?
  }

  /// The employee asks for the money, perhaps again.
  struct DeclarationSubmitted: SagaMessage, Hashable {
    static let messageType = "DeclarationSubmitted"
    var declarationId: String
    var amount: Double
    var by: String?
  }

  /// Administration, budget owner or pre-approver agree.
  struct DeclarationApproved: SagaMessage, Hashable {
    static let messageType = "DeclarationApproved"
    var declarationId: String
    var amount: Double
    var by: String?
  }

  /// The supervisor agrees.
  struct DeclarationFinalApproved: SagaMessage, Hashable {
    static let messageType = "DeclarationFinalApproved"
    var declarationId: String
    var amount: Double
    var by: String?
  }

  /// Somebody sends it back; possible even after the payment was requested.
  struct DeclarationRejected: SagaMessage, Hashable {
    static let messageType = "DeclarationRejected"
    var declarationId: String
    var amount: Double
    var by: String?
  }

  /// The payment is asked for.
  struct RequestPayment: SagaMessage, Hashable {
    static let messageType = "RequestPayment"
    var declarationId: String
    var amount: Double
    var by: String?
  }

  /// The money is paid.
  struct PaymentHandled: SagaMessage, Hashable {
    static let messageType = "PaymentHandled"
    var declarationId: String
    var amount: Double
    var by: String?
  }

  /// The payload of `ClaimSettled`.
  struct ClaimSettled: SagaMessage, Hashable {
    static let messageType = "ClaimSettled"
    var declarationId: String
    var amountCents: Int64
    var paidAt: String
  }

  /// The payload of `ClaimAbandoned`.
  struct ClaimAbandoned: SagaMessage, Hashable {
    static let messageType = "ClaimAbandoned"
    var declarationId: String
    var state: String
    var amountCents: Int64
  }
}
