// Made of travel-booking.json by saga. Change the definition, not this file.

import SagaRuntime

/// Books flight, hotel and, where wanted, a car side by side and then charges; when any of them fails, all that were
/// booked are cancelled.
enum TravelBooking {
  /// The saga's name.
  static let saga = "travel-booking"
  /// The definition's version.
  static let version: Int64 = 1

  /// The states of an instance.
  enum State: String, Sendable, CaseIterable {
    case working
    case completed
    case compensated
  }

  /// Starts an instance; as `SagaEngine.start`.
  static func start(
    _ message: TripRequested, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// The commands to `flights`, for handlers that reach other systems.
  ///
  /// A handler may run more than once for one command, with the same `CommandContext.idempotencyKey`. What it throws is
  /// transient: the command comes again as the definition's `retry` says.
  protocol FlightsParticipant: Sendable {
    /// Does the step `bookFlight`.
    func bookFlight(_ command: BookFlight, context: CommandContext) async throws -> BookFlight.Reply

    /// Answers where there is nothing to undo: the action never began, or was declined.
    func nothingToUndo(_ command: CancelFlight, context: CommandContext) throws -> CancelFlight.Reply

    /// Undoes the step `bookFlight`, which was done or may have been.
    func cancelFlight(_ command: CancelFlight, context: CommandContext) async throws -> CancelFlight.Reply
  }

  /// The commands to `flights`, for handlers whose whole effect is rows beside the engine's.
  ///
  /// A handler runs in one transaction with its reply, so its effect is there exactly once; keep it short. What it
  /// throws is transient: its rows are undone and the command comes again as the definition's `retry` says.
  protocol FlightsTransactionalParticipant: Sendable {
    /// What the engine's store gives: `SQLiteTransaction`, or `any ServiceTransaction`.
    associatedtype Transaction

    /// Does the step `bookFlight`.
    func bookFlight(_ command: BookFlight, context: CommandContext, transaction: Transaction) throws -> BookFlight.Reply

    /// Answers where there is nothing to undo: the action never began, or was declined.
    func nothingToUndo(_ command: CancelFlight, context: CommandContext) throws -> CancelFlight.Reply

    /// Undoes the step `bookFlight`, which was done or may have been.
    func cancelFlight(
      _ command: CancelFlight, context: CommandContext, transaction: Transaction
    ) throws -> CancelFlight.Reply
  }

  /// The participant `flights` with these handlers, which reach other systems.
  static func participant(
    flights handlers: some FlightsParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("flights", policy: policy)
    register(flights: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register(flights handlers: some FlightsParticipant, in participant: inout Participant) {
    participant.handle(BookFlight.messageType, as: BookFlight.self) { command, context in
      try await handlers.bookFlight(command, context: context).commandReply()
    }
    participant.undo(CancelFlight.messageType, as: CancelFlight.self) { command, context in
      try handlers.nothingToUndo(command, context: context).commandReply()
    } _: { command, context in
      try await handlers.cancelFlight(command, context: context).commandReply()
    }
  }

  /// The participant `flights` with these handlers, whose whole effect is rows beside the engine's.
  static func participant(
    flightsInTransaction handlers: some FlightsTransactionalParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("flights", policy: policy)
    register(flightsInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register<Handlers: FlightsTransactionalParticipant>(
    flightsInTransaction handlers: Handlers, in participant: inout Participant
  ) {
    participant.handleInTransaction(
      BookFlight.messageType, as: BookFlight.self, with: Handlers.Transaction.self
    ) { command, context, transaction in
      try handlers.bookFlight(command, context: context, transaction: transaction).commandReply()
    }
    participant.undoInTransaction(
      CancelFlight.messageType, as: CancelFlight.self, with: Handlers.Transaction.self
    ) { command, context in
      try handlers.nothingToUndo(command, context: context).commandReply()
    } _: { command, context, transaction in
      try handlers.cancelFlight(command, context: context, transaction: transaction).commandReply()
    }
  }

  /// The commands to `hotels`, for handlers that reach other systems.
  ///
  /// A handler may run more than once for one command, with the same `CommandContext.idempotencyKey`. What it throws is
  /// transient: the command comes again as the definition's `retry` says.
  protocol HotelsParticipant: Sendable {
    /// Does the step `bookHotel`.
    func bookHotel(_ command: BookHotel, context: CommandContext) async throws -> BookHotel.Reply

    /// Answers where there is nothing to undo: the action never began, or was declined.
    func nothingToUndo(_ command: CancelHotel, context: CommandContext) throws -> CancelHotel.Reply

    /// Undoes the step `bookHotel`, which was done or may have been.
    func cancelHotel(_ command: CancelHotel, context: CommandContext) async throws -> CancelHotel.Reply
  }

  /// The commands to `hotels`, for handlers whose whole effect is rows beside the engine's.
  ///
  /// A handler runs in one transaction with its reply, so its effect is there exactly once; keep it short. What it
  /// throws is transient: its rows are undone and the command comes again as the definition's `retry` says.
  protocol HotelsTransactionalParticipant: Sendable {
    /// What the engine's store gives: `SQLiteTransaction`, or `any ServiceTransaction`.
    associatedtype Transaction

    /// Does the step `bookHotel`.
    func bookHotel(_ command: BookHotel, context: CommandContext, transaction: Transaction) throws -> BookHotel.Reply

    /// Answers where there is nothing to undo: the action never began, or was declined.
    func nothingToUndo(_ command: CancelHotel, context: CommandContext) throws -> CancelHotel.Reply

    /// Undoes the step `bookHotel`, which was done or may have been.
    func cancelHotel(
      _ command: CancelHotel, context: CommandContext, transaction: Transaction
    ) throws -> CancelHotel.Reply
  }

  /// The participant `hotels` with these handlers, which reach other systems.
  static func participant(
    hotels handlers: some HotelsParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("hotels", policy: policy)
    register(hotels: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register(hotels handlers: some HotelsParticipant, in participant: inout Participant) {
    participant.handle(BookHotel.messageType, as: BookHotel.self) { command, context in
      try await handlers.bookHotel(command, context: context).commandReply()
    }
    participant.undo(CancelHotel.messageType, as: CancelHotel.self) { command, context in
      try handlers.nothingToUndo(command, context: context).commandReply()
    } _: { command, context in
      try await handlers.cancelHotel(command, context: context).commandReply()
    }
  }

  /// The participant `hotels` with these handlers, whose whole effect is rows beside the engine's.
  static func participant(
    hotelsInTransaction handlers: some HotelsTransactionalParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("hotels", policy: policy)
    register(hotelsInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register<Handlers: HotelsTransactionalParticipant>(
    hotelsInTransaction handlers: Handlers, in participant: inout Participant
  ) {
    participant.handleInTransaction(
      BookHotel.messageType, as: BookHotel.self, with: Handlers.Transaction.self
    ) { command, context, transaction in
      try handlers.bookHotel(command, context: context, transaction: transaction).commandReply()
    }
    participant.undoInTransaction(
      CancelHotel.messageType, as: CancelHotel.self, with: Handlers.Transaction.self
    ) { command, context in
      try handlers.nothingToUndo(command, context: context).commandReply()
    } _: { command, context, transaction in
      try handlers.cancelHotel(command, context: context, transaction: transaction).commandReply()
    }
  }

  /// The commands to `cars`, for handlers that reach other systems.
  ///
  /// A handler may run more than once for one command, with the same `CommandContext.idempotencyKey`. What it throws is
  /// transient: the command comes again as the definition's `retry` says.
  protocol CarsParticipant: Sendable {
    /// Does the step `bookCar`.
    func bookCar(_ command: BookCar, context: CommandContext) async throws -> BookCar.Reply

    /// Answers where there is nothing to undo: the action never began, or was declined.
    func nothingToUndo(_ command: CancelCar, context: CommandContext) throws -> CancelCar.Reply

    /// Undoes the step `bookCar`, which was done or may have been.
    func cancelCar(_ command: CancelCar, context: CommandContext) async throws -> CancelCar.Reply
  }

  /// The commands to `cars`, for handlers whose whole effect is rows beside the engine's.
  ///
  /// A handler runs in one transaction with its reply, so its effect is there exactly once; keep it short. What it
  /// throws is transient: its rows are undone and the command comes again as the definition's `retry` says.
  protocol CarsTransactionalParticipant: Sendable {
    /// What the engine's store gives: `SQLiteTransaction`, or `any ServiceTransaction`.
    associatedtype Transaction

    /// Does the step `bookCar`.
    func bookCar(_ command: BookCar, context: CommandContext, transaction: Transaction) throws -> BookCar.Reply

    /// Answers where there is nothing to undo: the action never began, or was declined.
    func nothingToUndo(_ command: CancelCar, context: CommandContext) throws -> CancelCar.Reply

    /// Undoes the step `bookCar`, which was done or may have been.
    func cancelCar(_ command: CancelCar, context: CommandContext, transaction: Transaction) throws -> CancelCar.Reply
  }

  /// The participant `cars` with these handlers, which reach other systems.
  static func participant(
    cars handlers: some CarsParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("cars", policy: policy)
    register(cars: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register(cars handlers: some CarsParticipant, in participant: inout Participant) {
    participant.handle(BookCar.messageType, as: BookCar.self) { command, context in
      try await handlers.bookCar(command, context: context).commandReply()
    }
    participant.undo(CancelCar.messageType, as: CancelCar.self) { command, context in
      try handlers.nothingToUndo(command, context: context).commandReply()
    } _: { command, context in
      try await handlers.cancelCar(command, context: context).commandReply()
    }
  }

  /// The participant `cars` with these handlers, whose whole effect is rows beside the engine's.
  static func participant(
    carsInTransaction handlers: some CarsTransactionalParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("cars", policy: policy)
    register(carsInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register<Handlers: CarsTransactionalParticipant>(
    carsInTransaction handlers: Handlers, in participant: inout Participant
  ) {
    participant.handleInTransaction(
      BookCar.messageType, as: BookCar.self, with: Handlers.Transaction.self
    ) { command, context, transaction in
      try handlers.bookCar(command, context: context, transaction: transaction).commandReply()
    }
    participant.undoInTransaction(
      CancelCar.messageType, as: CancelCar.self, with: Handlers.Transaction.self
    ) { command, context in
      try handlers.nothingToUndo(command, context: context).commandReply()
    } _: { command, context, transaction in
      try handlers.cancelCar(command, context: context, transaction: transaction).commandReply()
    }
  }

  /// The commands to `payments`, for handlers that reach other systems.
  ///
  /// A handler may run more than once for one command, with the same `CommandContext.idempotencyKey`. What it throws is
  /// transient: the command comes again as the definition's `retry` says.
  protocol PaymentsParticipant: Sendable {
    /// Does the step `charge`.
    func chargeTrip(_ command: ChargeTrip, context: CommandContext) async throws -> ChargeTrip.Reply
  }

  /// The commands to `payments`, for handlers whose whole effect is rows beside the engine's.
  ///
  /// A handler runs in one transaction with its reply, so its effect is there exactly once; keep it short. What it
  /// throws is transient: its rows are undone and the command comes again as the definition's `retry` says.
  protocol PaymentsTransactionalParticipant: Sendable {
    /// What the engine's store gives: `SQLiteTransaction`, or `any ServiceTransaction`.
    associatedtype Transaction

    /// Does the step `charge`.
    func chargeTrip(_ command: ChargeTrip, context: CommandContext, transaction: Transaction) throws -> ChargeTrip.Reply
  }

  /// The participant `payments` with these handlers, which reach other systems.
  static func participant(
    payments handlers: some PaymentsParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("payments", policy: policy)
    register(payments: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register(payments handlers: some PaymentsParticipant, in participant: inout Participant) {
    participant.handle(ChargeTrip.messageType, as: ChargeTrip.self) { command, context in
      try await handlers.chargeTrip(command, context: context).commandReply()
    }
  }

  /// The participant `payments` with these handlers, whose whole effect is rows beside the engine's.
  static func participant(
    paymentsInTransaction handlers: some PaymentsTransactionalParticipant,
    policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("payments", policy: policy)
    register(paymentsInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register<Handlers: PaymentsTransactionalParticipant>(
    paymentsInTransaction handlers: Handlers, in participant: inout Participant
  ) {
    participant.handleInTransaction(
      ChargeTrip.messageType, as: ChargeTrip.self, with: Handlers.Transaction.self
    ) { command, context, transaction in
      try handlers.chargeTrip(command, context: context, transaction: transaction).commandReply()
    }
  }

  /// Begins the saga.
  struct TripRequested: SagaMessage, Hashable {
    static let messageType = "TripRequested"
    var tripId: String
    var traveller: String
    var destination: String
    var nights: Int64
    var withCar: Bool
    var budgetCents: Int64
  }

  /// The payload of `TripCancelRequested`.
  struct TripCancelRequested: SagaMessage, Hashable {
    static let messageType = "TripCancelRequested"
    var tripId: String
  }

  /// The payload of `BookFlight`.
  struct BookFlight: SagaMessage, Hashable {
    static let messageType = "BookFlight"
    var tripId: String
    var traveller: String
    var destination: String

    /// What a participant may answer.
    enum Reply: Sendable, Hashable {
      /// It was done.
      case flightBooked(FlightBooked)
      /// Nothing was done.
      case flightUnavailable(FlightUnavailable)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .flightBooked(let message): try .done(message)
        case .flightUnavailable(let message): try .declined(message)
        }
      }
    }
  }

  /// The payload of `FlightBooked`.
  struct FlightBooked: SagaMessage, Hashable {
    static let messageType = "FlightBooked"
    var tripId: String
    var reference: String
    var priceCents: Int64
  }

  /// The payload of `FlightUnavailable`.
  struct FlightUnavailable: SagaMessage, Hashable {
    static let messageType = "FlightUnavailable"
    var tripId: String
    var reason: String
  }

  /// The payload of `CancelFlight`.
  struct CancelFlight: SagaMessage, Hashable {
    static let messageType = "CancelFlight"
    var tripId: String
    var reference: String

    /// What a participant may answer.
    enum Reply: Sendable, Hashable {
      /// It was done.
      case flightCancelled(FlightCancelled)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .flightCancelled(let message): try .done(message)
        }
      }
    }
  }

  /// The payload of `FlightCancelled`.
  struct FlightCancelled: SagaMessage, Hashable {
    static let messageType = "FlightCancelled"
    var tripId: String
  }

  /// The payload of `BookHotel`.
  struct BookHotel: SagaMessage, Hashable {
    static let messageType = "BookHotel"
    var tripId: String
    var traveller: String
    var destination: String
    var nights: Int64

    /// What a participant may answer.
    enum Reply: Sendable, Hashable {
      /// It was done.
      case hotelBooked(HotelBooked)
      /// Nothing was done.
      case hotelUnavailable(HotelUnavailable)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .hotelBooked(let message): try .done(message)
        case .hotelUnavailable(let message): try .declined(message)
        }
      }
    }
  }

  /// The payload of `HotelBooked`.
  struct HotelBooked: SagaMessage, Hashable {
    static let messageType = "HotelBooked"
    var tripId: String
    var reference: String
    var priceCents: Int64
  }

  /// The payload of `HotelUnavailable`.
  struct HotelUnavailable: SagaMessage, Hashable {
    static let messageType = "HotelUnavailable"
    var tripId: String
    var reason: String
  }

  /// The payload of `CancelHotel`.
  struct CancelHotel: SagaMessage, Hashable {
    static let messageType = "CancelHotel"
    var tripId: String
    var reference: String

    /// What a participant may answer.
    enum Reply: Sendable, Hashable {
      /// It was done.
      case hotelCancelled(HotelCancelled)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .hotelCancelled(let message): try .done(message)
        }
      }
    }
  }

  /// The payload of `HotelCancelled`.
  struct HotelCancelled: SagaMessage, Hashable {
    static let messageType = "HotelCancelled"
    var tripId: String
  }

  /// The payload of `BookCar`.
  struct BookCar: SagaMessage, Hashable {
    static let messageType = "BookCar"
    var tripId: String
    var traveller: String
    var destination: String
    var days: Int64

    /// What a participant may answer.
    enum Reply: Sendable, Hashable {
      /// It was done.
      case carBooked(CarBooked)
      /// Nothing was done.
      case carUnavailable(CarUnavailable)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .carBooked(let message): try .done(message)
        case .carUnavailable(let message): try .declined(message)
        }
      }
    }
  }

  /// The payload of `CarBooked`.
  struct CarBooked: SagaMessage, Hashable {
    static let messageType = "CarBooked"
    var tripId: String
    var reference: String
    var priceCents: Int64
  }

  /// The payload of `CarUnavailable`.
  struct CarUnavailable: SagaMessage, Hashable {
    static let messageType = "CarUnavailable"
    var tripId: String
    var reason: String
  }

  /// The payload of `CancelCar`.
  struct CancelCar: SagaMessage, Hashable {
    static let messageType = "CancelCar"
    var tripId: String
    var reference: String

    /// What a participant may answer.
    enum Reply: Sendable, Hashable {
      /// It was done.
      case carCancelled(CarCancelled)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .carCancelled(let message): try .done(message)
        }
      }
    }
  }

  /// The payload of `CarCancelled`.
  struct CarCancelled: SagaMessage, Hashable {
    static let messageType = "CarCancelled"
    var tripId: String
  }

  /// The payload of `ChargeTrip`.
  struct ChargeTrip: SagaMessage, Hashable {
    static let messageType = "ChargeTrip"
    var tripId: String
    var traveller: String
    var amountCents: Int64

    /// What a participant may answer.
    enum Reply: Sendable, Hashable {
      /// It was done.
      case tripCharged(TripCharged)
      /// Nothing was done.
      case tripChargeDeclined(TripChargeDeclined)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .tripCharged(let message): try .done(message)
        case .tripChargeDeclined(let message): try .declined(message)
        }
      }
    }
  }

  /// The payload of `TripCharged`.
  struct TripCharged: SagaMessage, Hashable {
    static let messageType = "TripCharged"
    var tripId: String
    var paymentId: String
  }

  /// The payload of `TripChargeDeclined`.
  struct TripChargeDeclined: SagaMessage, Hashable {
    static let messageType = "TripChargeDeclined"
    var tripId: String
    var reason: String
  }

  /// The payload of `TripBooked`.
  struct TripBooked: SagaMessage, Hashable {
    static let messageType = "TripBooked"
    var tripId: String
    var priceCents: Int64
    var paymentId: String
  }

  /// The payload of `TripRejected`.
  struct TripRejected: SagaMessage, Hashable {
    static let messageType = "TripRejected"
    var tripId: String
    var reason: String
  }
}
