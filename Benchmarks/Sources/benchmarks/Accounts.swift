import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite

/// A saga that stays open as long as is wanted and then ends: about 250 bytes of state, a timer that each event sets anew,
/// one message out for each event. What the floor does, too.
enum Accounts {
  /// - Parameter timeout: after which an account that nothing was heard of expires.
  static func machines(timeout: String) throws -> [Machine] {
    let key = #""key": "event.data.id""#
    let source = """
      { "saga": "account", "version": 1,
        "messages": {
          "Opened": { \(key), "schema": { "type": "object", "required": ["id", "owner", "street", "city", "note"], "properties": {
            "id": { "type": "string" }, "owner": { "type": "string" }, "street": { "type": "string" }, "city": { "type": "string" },
            "note": { "type": "string" } } } },
          "Charged": { \(key), "schema": { "type": "object", "required": ["id", "cents"], "properties": {
            "id": { "type": "string" }, "cents": { "type": "integer" } } } },
          "Booked": { \(key), "schema": { "type": "object", "required": ["id", "cents"], "properties": {
            "id": { "type": "string" }, "cents": { "type": "integer" } } } },
          "Closed": { \(key), "schema": { "type": "object", "required": ["id"], "properties": { "id": { "type": "string" } } } } },
        "data": { "type": "object", "properties": {
          "owner": { "type": "string", "default": "" }, "street": { "type": "string", "default": "" },
          "city": { "type": "string", "default": "" }, "note": { "type": "string", "default": "" },
          "cents": { "type": "integer", "default": 0 } } },
        "roles": { "accounts": {
          "start": { "Opened": { "set": { "owner": "event.data.owner", "street": "event.data.street",
            "city": "event.data.city", "note": "event.data.note" }, "goto": "open" } },
          "states": {
            "open": {
              "on": { "Charged": { "set": { "cents": "data.cents + event.data.cents" },
                                   "publish": { "Booked": { "id": "saga.key", "cents": "data.cents" } }, "goto": "open" },
                      "Closed": { "goto": "closed" } },
              "after": { "\(timeout)": { "goto": "expired" } } },
            "closed": { "final": "completed" }, "expired": { "final": "compensated" } } } } }
      """
    return try Workload.definition(Array(source.utf8), file: "account.json").machines
  }

  static func opened(_ number: Int) -> IncomingMessage {
    message(
      "o\(number)", "Opened", number,
      #","owner":"owner number \#(number) of this bank","street":"\#(number % 200) Long Street, third floor","#
        + #""city":"A town by the river","note":"opened at the counter by clerk \#(number % 97), papers seen and copied""#
    )
  }

  /// - Parameter event: a number that no other charge has.
  static func charged(_ number: Int, event: Int) -> IncomingMessage {
    message("e\(event)", "Charged", number, #","cents":\#(event % 1000)"#)
  }

  static func closed(_ number: Int) -> IncomingMessage { message("c\(number)", "Closed", number, "") }

  private static func message(_ id: String, _ type: String, _ number: Int, _ rest: String) -> IncomingMessage {
    let text =
      #"{"specversion":"1.0","id":"\#(id)","source":"/bank","type":"\#(type)","time":"2026-01-01T00:00:00.000Z","#
      + #""datacontenttype":"application/json","data":{"id":"a\#(number)"\#(rest)}}"#
    return IncomingMessage(bytes: Array(text.utf8))
  }
}

/// A database full of accounts, every one of which the engine has opened.
struct AccountFile {
  let path: String
  let instances: Int
  /// Every second account was closed again; otherwise all are open.
  let isHalfClosed: Bool
  let timeout: String
  /// The logical time between the first account and the last, in milliseconds.
  let spanMilliseconds: Int64

  var openCount: Int { isHalfClosed ? instances / 2 : instances }

  /// The account that stands at this place among the open ones.
  func openNumber(_ place: Int) -> Int { isHalfClosed ? 2 * place + 1 : place }

  /// The size of the file.
  var megabytes: Double {
    get throws {
      Double(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0) / 1e6
    }
  }

  /// When the last account was opened.
  var end: Timestamp { Workload.start.advanced(byMilliseconds: spanMilliseconds) }

  /// Accounts that are opened at one logical time, in one commit.
  static let block = 1000

  /// Opens and closes the accounts, in groups of a thousand, without waiting for the disk.
  ///
  /// - Returns: how many events that were.
  func prepare() throws -> Int {
    var options = SQLiteOptions()
    options.synchronous = .off
    let store = try SQLiteStore(path: path, options: options)
    defer { store.close() }
    var drive = try Drive(store, try Accounts.machines(timeout: timeout), group: Self.block, now: Workload.start)
    var events = 0
    var waiting: [Int] = []
    for first in stride(from: 0, to: instances, by: Self.block) {
      let last = min(first + Self.block, instances)
      let now = Workload.start.advanced(byMilliseconds: spanMilliseconds * Int64(last) / Int64(instances))
      let messages = waiting.map(Accounts.closed) + (first..<last).map(Accounts.opened)
      events += messages.count
      try drive.pass(messages[...], group: Self.block, now: { _ in now })
      waiting = isHalfClosed ? (first..<last).filter { $0 % 2 == 0 } : []
    }
    events += waiting.count
    try drive.pass(waiting.map(Accounts.closed)[...], group: Self.block, now: { _ in end })
    try drive.settle(now: end)
    _ = try store.maintain(.checkpoint(truncate: true), budget: PageBudget())
    return events
  }

  /// Accounts to be charged: nine in ten among the newest thousand that are open, or all alike.
  func charges(_ count: Int, isHot: Bool, first: Int, seed: UInt64) -> [IncomingMessage] {
    var random = SplitMix(seed: seed)
    let hot = min(1000, openCount)
    return (0..<count).map { index in
      let isNew = isHot && random.next() % 10 != 0
      let place =
        isNew ? openCount - 1 - Int(random.next() % UInt64(hot)) : Int(random.next() % UInt64(openCount))
      return Accounts.charged(openNumber(place), event: first + index)
    }
  }
}
