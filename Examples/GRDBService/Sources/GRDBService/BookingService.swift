import Foundation
import GRDB
import Logging
import SagaCore
import SagaRuntime
import SagaSQLite

/// Sells seats. Its rows are GRDB's records, its engine borrows GRDB's connection.
struct BookingService {
  private struct Order: Codable, Sendable {
    var bookingId: String
    var customer: String?
    var reply: JSON { ["bookingId": .string(bookingId)] }
  }

  struct ChangedItsMind: Error {}

  let connection: GRDBConnection
  let engine: SagaEngine

  init(path: String, logger: Logger) throws {
    connection = try GRDBConnection(path: path)
    try Hall.migrate(connection.writer)
    engine = try SagaEngine(
      source: .sqlite(borrowing: connection), definitions: SagaDefinitions(bundle: .module),
      participants: [Self.hall(connection), Self.cashier(connection)], consumers: [Self.bookings(connection)],
      logger: logger)
  }

  /// The record and the event that starts the saga, in a transaction that GRDB runs. The same booking again changes nothing.
  ///
  /// - Parameter isAbandoned: takes everything back at the last moment.
  func place(_ id: String, customer: String, isAbandoned: Bool = false) async throws {
    try await connection.writer.write { database in
      guard try !Booking.exists(database, key: id), let handle = database.sqliteConnection else { return }
      try Booking(id: id, customer: customer).insert(database)
      try SQLiteOutbox.within(handle) { transaction in
        _ = try transaction.publish(
          "BookingPlaced", ["bookingId": .string(id), "customer": .string(customer)], source: "/bookings",
          orderingKey: id)
      }
      if isAbandoned { throw ChangedItsMind() }
    }
    try await engine.noticeTransactions()
  }

  private static func hall(_ connection: GRDBConnection) -> Participant {
    var hall = Participant("hall")
    hall.handleInTransaction("TakeSeat", as: Order.self) { (order, _, _: any ServiceTransaction) in
      try connection.inTransaction { database in
        guard var seat = try Seat.filter(Column("bookingId") == nil).order(Column("number")).fetchOne(database) else {
          return .declined("SoldOut", order.reply)
        }
        seat.bookingId = order.bookingId
        try seat.update(database)
        return .done("SeatTaken", order.reply)
      }
    }
    hall.undoInTransaction("ReleaseSeat", as: Order.self) { order, _ in
      .done("SeatReleased", order.reply)
    } _: { (order, _, _: any ServiceTransaction) in
      try connection.inTransaction { database in
        try Seat.filter(Column("bookingId") == order.bookingId).updateAll(database, Column("bookingId").set(to: nil))
        return .done("SeatReleased", order.reply)
      }
    }
    return hall
  }

  private static func cashier(_ connection: GRDBConnection) -> Participant {
    var cashier = Participant("cashier")
    cashier.handleInTransaction("Pay", as: Order.self) { (order, _, _: any ServiceTransaction) in
      try connection.inTransaction { database in
        guard var account = try Account.fetchOne(database, key: order.customer), account.cents >= Hall.priceCents else {
          return .declined("NoCover", order.reply)
        }
        account.cents -= Hall.priceCents
        try account.update(database)
        try Payment(bookingId: order.bookingId, cents: Hall.priceCents).insert(database)
        return .done("Paid", order.reply)
      }
    }
    cashier.undoInTransaction("PayBack", as: Order.self) { order, _ in
      .done("PaidBack", order.reply)
    } _: { (order, _, _: any ServiceTransaction) in
      try connection.inTransaction { database in
        try Account.filter(Column("customer") == order.customer)
          .updateAll(database, Column("cents").set(to: Column("cents") + Hall.priceCents))
        try Payment(bookingId: order.bookingId, cents: -Hall.priceCents).insert(database)
        return .done("PaidBack", order.reply)
      }
    }
    return cashier
  }

  /// The booking's record follows the saga's end.
  private static func bookings(_ connection: GRDBConnection) -> Consumer {
    var bookings = Consumer("bookings")
    for (type, status) in [("BookingConfirmed", Booking.Status.confirmed), ("BookingRejected", .rejected)] {
      bookings.onInTransaction(type, as: Order.self) { (order, _, _: any ServiceTransaction) in
        try connection.inTransaction { database in
          guard var booking = try Booking.fetchOne(database, key: order.bookingId) else { return }
          booking.status = status
          try booking.update(database)
        }
      }
    }
    return bookings
  }
}
