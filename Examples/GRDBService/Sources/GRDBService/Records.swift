import GRDB

/// What a customer asked for, and what became of it.
struct Booking: Codable, FetchableRecord, PersistableRecord {
  enum Status: String, Codable { case placed, confirmed, rejected }
  var id: String
  var customer: String
  var status = Status.placed
}

/// A seat of the hall, free while it has no booking.
struct Seat: Codable, FetchableRecord, PersistableRecord {
  var number: Int
  var bookingId: String?
}

/// What a customer has.
struct Account: Codable, FetchableRecord, PersistableRecord {
  var customer: String
  var cents: Int
}

/// Money that went from an account to the hall, or back.
struct Payment: Codable, FetchableRecord, PersistableRecord {
  var bookingId: String
  var cents: Int
}

enum Hall {
  static let seats = 300
  static let customers = 20
  static let priceCents = 1000

  /// Enough for ten seats; the first customer has nothing.
  static func openingCents(_ customer: Int) -> Int { customer == 0 ? 0 : 10_000 }

  /// The service's own tables. The engine makes its own beside them.
  static func migrate(_ writer: any DatabaseWriter) throws {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("hall") { database in
      try database.create(table: "booking") { table in
        table.primaryKey("id", .text)
        table.column("customer", .text).notNull()
        table.column("status", .text).notNull()
      }
      try database.create(table: "seat") { table in
        table.primaryKey("number", .integer)
        table.column("bookingId", .text).unique()
      }
      try database.create(table: "account") { table in
        table.primaryKey("customer", .text)
        table.column("cents", .integer).notNull().check { $0 >= 0 }
      }
      try database.create(table: "payment") { table in
        table.column("bookingId", .text).notNull()
        table.column("cents", .integer).notNull()
      }
      for number in 1...seats { try Seat(number: number).insert(database) }
      for number in 0..<customers {
        try Account(customer: "customer-\(number)", cents: openingCents(number)).insert(database)
      }
    }
    try migrator.migrate(writer)
  }
}
