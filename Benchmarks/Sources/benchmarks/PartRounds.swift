import Allocations
import CEL
import SagaCore
import SagaRuntime

/// The parts that an event passes through, each on its own.
struct PartRounds {
  private let machine: Machine
  /// Per order: the start, then the inputs, normalised, in an order that the saga takes.
  private let plays: [[CloudEvent]]
  private let message: [UInt8]
  private let document: [UInt8]
  private let guardProgram: CELProgram
  /// Guards and mappings as most definitions have them.
  private let commonPrograms: [CELProgram]
  private let event: CELValue

  init(_ workload: Workload) throws {
    let machine = workload.machines[0]
    self.machine = machine
    var byKey: [String: [CloudEvent]] = [:]
    var keys: [String] = []
    for message in workload.messages {
      let event = try machine.normalise(CloudEvent.decode(message.bytes))
      guard case .primary(let found)? = try machine.route(event), let key = found.first else { continue }
      if byKey[key] == nil {
        if keys.count == 500 { continue }
        keys.append(key)
      }
      byKey[key, default: []].append(event)
    }
    plays = keys.map { byKey[$0]! }
    message = workload.messages[0].bytes
    document = JSONWriter.compact(.array(try workload.messages.prefix(2000).map { try JSONParser.parse($0.bytes) }))
    let environment = CELEnvironment(variables: [("event", .dyn)])
    guardProgram = try environment.compile(
      "event.data.totalCents > 500 && event.data.items.exists(i, i.quantity > 1) && event.type.startsWith('Order')")
    commonPrograms = try [
      "event.data.totalCents > 500", "event.type == 'OrderPlaced' && event.data.totalCents + 10 <= 100000",
      "event.data.customerId != '' ? event.data.customerId : event.data.orderId", "has(event.data.coupon)",
      "event.data.orderId", "event.data.items.size() > 0", "event.type in ['OrderPlaced', 'OrderChanged']",
    ].map { try environment.compile($0) }
    event = CELValue(plays[0][0].json)
  }

  /// Decisions per second, without decoding and without a store.
  func advancesPerSecond(seconds: Double) throws -> Double { try PartRounds.perSecond(seconds, decide) }

  /// Decides all inputs of all orders.
  private func decide() throws -> Int {
    let context = DecisionContext(now: Workload.start, epoch: 0)
    var calls = 0
    for play in plays {
      guard
        case .started(let decision) = machine.start(
          play[0], key: play[0].data!["orderId"]!.stringValue!, context: context)
      else { throw BenchmarkError("an order did not start") }
      var instance = decision.instance
      for event in play.dropFirst() {
        instance = machine.advance(instance, .message(event), context: context).instance
      }
      calls += play.count
    }
    return calls
  }

  /// Megabytes of JSON per second, as one document.
  func megabytesPerSecond(seconds: Double) throws -> Double {
    var limits = JSONLimits.message
    limits.maximumBytes = document.count
    return try PartRounds.perSecond(seconds) {
      _ = try JSONParser.parse(document, limits: limits)
      return document.count
    } / 1e6
  }

  /// Megabytes of JSON written per second, as one document.
  func megabytesWrittenPerSecond(seconds: Double) throws -> Double {
    var limits = JSONLimits.message
    limits.maximumBytes = document.count
    let value = try JSONParser.parse(document, limits: limits)
    return try PartRounds.perSecond(seconds) {
      guard JSONWriter.compact(value).count == document.count else { throw BenchmarkError("the document has changed") }
      return document.count
    } / 1e6
  }

  /// CloudEvents of about 250 bytes decoded per second.
  func decodesPerSecond(seconds: Double) throws -> Double { try PartRounds.perSecond(seconds, decode) }

  private func decode() throws -> Int {
    for _ in 0..<1000 { _ = try CloudEvent.decode(message) }
    return 1000
  }

  /// Evaluations per second of a guard with a comparison, a macro over a list and a string function.
  func evaluationsPerSecond(seconds: Double) throws -> Double { try PartRounds.perSecond(seconds, evaluate) }

  private func evaluate() throws -> Int {
    let values = CELValues([event])
    for _ in 0..<1000 where try guardProgram.evaluate(values) != .bool(true) { throw BenchmarkError("the guard fails") }
    return 1000
  }

  /// Evaluations per second of what most definitions have: comparisons, fields, membership, no macros.
  func commonEvaluationsPerSecond(seconds: Double) throws -> Double {
    try PartRounds.perSecond(seconds, evaluateCommon)
  }

  private func evaluateCommon() throws -> Int {
    let values = CELValues([event])
    for _ in 0..<200 {
      for program in commonPrograms { _ = try program.evaluate(values) }
    }
    return 200 * commonPrograms.count
  }

  /// Blocks of memory that a part asks for, each time that it is done.
  private static func blocks(_ body: () throws -> Int) rethrows -> Double {
    let before = allocations_of_this_thread()
    if before < 0 { return .nan }
    let count = try body()
    // To a tenth, so that what is made once for all of them does not show.
    return (Double(allocations_of_this_thread() - before) / Double(count) * 10).rounded() / 10
  }

  private static func perSecond(_ seconds: Double, _ body: () throws -> Int) rethrows -> Double {
    let stopwatch = Stopwatch()
    var count = 0
    while stopwatch.seconds < seconds { count += try body() }
    return Double(count) / stopwatch.seconds
  }
}

extension PartRounds {
  static func section(_ workload: Workload, _ rounds: StoreRounds, _ options: Options) throws -> Section {
    let seconds = options.seconds / 4
    let parts = try PartRounds(workload)
    return try Section(
      id: "parts", title: "the parts, one thread each", rounds: options.rounds,
      [
        (
          "decisions (advance), without decoding and store", "per second",
          { try parts.advancesPerSecond(seconds: seconds) }
        ),
        ("CloudEvents decoded", "per second", { try parts.decodesPerSecond(seconds: seconds) }),
        ("JSON parsed", "MB/s", { try parts.megabytesPerSecond(seconds: seconds) }),
        ("JSON written", "MB/s", { try parts.megabytesWrittenPerSecond(seconds: seconds) }),
        (
          "CEL guards evaluated (comparison, list macro, string)", "per second",
          { try parts.evaluationsPerSecond(seconds: seconds) }
        ),
        (
          "common CEL guards and mappings (comparisons, fields, membership)", "per second",
          { try parts.commonEvaluationsPerSecond(seconds: seconds) }
        ),
        ("memory asked for by a decision", "blocks", { try blocks(parts.decide) }),
        ("memory asked for by decoding a CloudEvent", "blocks", { try blocks(parts.decode) }),
        ("memory asked for by the guard with a list macro", "blocks", { try blocks(parts.evaluate) }),
        ("memory asked for by a common guard or mapping", "blocks", { try blocks(parts.evaluateCommon) }),
        ("fdatasync of 4 KiB", "per second", { try rounds.fdatasyncPerSecond(seconds: seconds) }),
      ])
  }
}
