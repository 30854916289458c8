import SagaCore
import SagaRuntime

extension World {
  /// Plans what comes from outside: starts, other messages, people, clocks, forged messages.
  func planEnvironment() {
    for (index, event) in setup.scenario.start.enumerated() {
      let time = now.advanced(byMilliseconds: setup.scenario.delay(of: event, index))
      agenda.plan(.send(OutsideMessage(type: event.type, saga: index, number: 0, given: event)), at: time)
    }
    let madeUp = setup.scenario.start.isEmpty ? keys.count : 0
    for saga in 0..<madeUp {
      let stream = 1 + saga % 7
      let delay = World.arrivals[choices.choose(World.arrivals.count, .arrival, stream)]
      let begin = now.advanced(byMilliseconds: delay)
      if let type = setup.starts.isEmpty ? nil : setup.starts[choices.choose(setup.starts.count, .arrival, stream)] {
        agenda.plan(.send(OutsideMessage(type: type, saga: saga, number: 0)), at: begin)
      }
      planExternals(of: saga, stream, from: begin)
      planOperators(of: saga, stream, from: begin)
    }
    for (saga, given) in setup.givenSagas.enumerated() {
      let stream = 1 + saga % 7
      let begin = now.advanced(byMilliseconds: given.delay)
      planExternals(of: saga, stream, from: begin)
      planOperators(of: saga, stream, from: begin)
    }
    for service in services {
      if isPlanned(.clock, .clock, service.stream) {
        for _ in 0...choices.choose(3, .clock, service.stream) {
          agenda.plan(
            .disturbClock(service: service.index),
            at: now.advanced(byMilliseconds: pick(setup.moments, .clock, service.stream)))
        }
      }
      if isPlanned(.poison, .poison, service.stream) {
        agenda.plan(
          .poison(service: service.index),
          at: now.advanced(byMilliseconds: pick(setup.moments, .poison, service.stream)))
      }
      if isPlanned(.replay, .replay, service.stream) {
        agenda.plan(
          .replayDeadLetters(service: service.index),
          at: now.advanced(byMilliseconds: pick(setup.moments, .replay, service.stream)))
      }
    }
  }

  private func planOperators(of saga: Int, _ stream: Int, from begin: Timestamp) {
    guard isPlanned(.operator, .operation, stream) else { return }
    for _ in 0...choices.choose(3, .operation, stream) {
      agenda.plan(.operate(saga: saga), at: begin.advanced(byMilliseconds: pick(setup.moments, .operation, stream)))
    }
  }

  /// Messages other than starts: those that something waits for come once unless the choice says otherwise; those that
  /// only interrupt (a cancel) come only by choice.
  private func planExternals(of saga: Int, _ stream: Int, from begin: Timestamp) {
    for (index, external) in setup.externals.enumerated() {
      // What something waits for stands among the messages that are given, or is not meant to come.
      if external.isAwaited, !setup.givenSagas.isEmpty { continue }
      let times = [external.isAwaited ? 1 : 0, external.isAwaited ? 0 : 1, 2][
        choices.weighted([6, 2, 1], .arrival, stream)]
      for number in 0..<times {
        let moment =
          external.isAwaited
          ? Int64(index + 1) * 60_000 + pick([0] + setup.moments, .arrival, stream)
          : pick(setup.moments, .arrival, stream)
        agenda.plan(
          .send(OutsideMessage(type: external.type, saga: saga, number: number)),
          at: begin.advanced(byMilliseconds: moment))
      }
    }
  }

  private func pick(_ times: [Int64], _ label: ChoiceLabel, _ stream: Int) -> Int64 {
    times[choices.choose(times.count, label, stream)]
  }

  private static let arrivals: [Int64] = [0, 1_000, 60_000, 3_600_000]

  /// The outside sends a message to every service that takes it.
  func send(_ message: OutsideMessage) throws {
    let stream = 1 + message.saga % 7
    guard let event = try outsideEvent(message, stream) else {
      guard message.postponed < 12 else { return }
      var later = message
      later.postponed += 1
      agenda.plan(.send(later), at: now.advanced(byMilliseconds: 3_600_000))
      return
    }
    let bytes = event.encode()
    noteAddress(of: event, bytes)
    for service in services where service.takes(event.type) {
      transport(
        Parcel(
          number: 0, to: service.index, message: IncomingMessage(bytes: bytes).decoded(), type: event.type,
          key: event.data?.value(at: keyPath(of: event.type))?.stringValue ?? "",
          identity: "\(event.source)#\(event.id)",
          from: "outside", stream: stream),
        mayVanish: false)
    }
  }

  private func outsideEvent(_ message: OutsideMessage, _ stream: Int) throws -> CloudEvent? {
    if let given = message.given { return given }
    let shapes = setup.participants.shapes
    var key: String?
    var named: (path: [String], value: String)?
    switch shapes[message.type].key {
    case .primary(let path)?: key = keyText(message.saga, type: message.type, path: path)
    case .named(let name, let path)?:
      // The outside knows the value from whoever gave it out; until an instance has recorded one there is none.
      guard let value = recorded(name, saga: message.saga) else { return nil }
      named = (path, value)
    case .computed?, nil: return nil
    }
    var data = shapes.data(of: message.type, key: key, echo: nil, choices, stream)
    if let named {
      data = data.setting(named.path, to: shapes.keyValue(named.value, type: message.type, path: named.path))
    }
    var event = CloudEvent(
      id: "\(message.type)-\(message.saga + 1)-\(message.number)", source: "/outside", type: message.type)
    event.timestamp = now
    event.datacontenttype = "application/json"
    event.data = data
    return event
  }

  private func keyPath(of type: String) -> [String] {
    if case .primary(let path)? = setup.participants.shapes[type].key { path } else { [] }
  }

  /// The key of a saga as the type's schema wants it.
  private func keyText(_ saga: Int, type: String, path: [String]) -> String {
    if !setup.givenSagas.isEmpty { return setup.givenSagas[saga].key }
    let number = String(saga + 1)
    if case .string = setup.participants.shapes.keyValue(number, type: type, path: path) { return keys[saga] }
    return number
  }

  private func recorded(_ name: String, saga: Int) -> String? {
    for service in services {
      let revisions = (service.durableBook ?? service.book).revisions
      for inspected in service.engine?.inspected ?? [] where isSaga(inspected.instance.key, saga) {
        // What is not durable nobody has given out.
        guard inspected.instance.revision <= revisions[inspected.id] ?? 0 else { continue }
        if let found = inspected.instance.correlations.first(where: { $0.name == name }) { return found.value }
      }
    }
    return nil
  }

  func isSaga(_ key: String, _ saga: Int) -> Bool {
    setup.givenSagas.isEmpty ? key == keys[saga] || key == String(saga + 1) : key == setup.givenSagas[saga].key
  }

  /// A message that can be read and must not be taken: it lacks everything, or has a key that no other message could carry on.
  private func forgedMessage(_ service: SimulatedService, _ type: String, _ stream: Int) -> [UInt8] {
    let shapes = setup.participants.shapes
    let kind = choices.choose(3, .forgery, stream)
    let keyed = service.definition.takes.sorted().filter { if case .primary? = shapes[$0].key { true } else { false } }
    guard kind > 0, !keyed.isEmpty else {
      return CloudEvent(id: "x", source: "/forged", type: type, data: ["nothing": 1]).encode()
    }
    let type = keyed[choices.choose(keyed.count, .forgery, stream)]
    let key = kind == 1 ? "a\u{85}b" : String(repeating: "k", count: MachineLimits.maximumKeyBytes + 1)
    let data = shapes.data(of: type, key: key, echo: nil, choices, stream)
    return CloudEvent(id: "x\(kind)", source: "/forged", type: type, data: data).encode()
  }

  /// A message that is none, or breaks a rule: it must end as a dead letter, a duplicate or nothing.
  func poison(_ service: SimulatedService) {
    let stream = service.stream
    // What ends as a dead letter by this is replayed while faults go on, too.
    if isPlanned(.replay, .replay, stream) {
      let moment = pick(setup.moments, .replay, stream)
      agenda.plan(.replayDeadLetters(service: service.index), at: now.advanced(byMilliseconds: moment))
    }
    let type = service.definition.takes.sorted().first ?? "Nothing"
    let forged: [UInt8]
    var contradicts = false
    switch choices.choose(6, .poison, stream) {
    case 0: forged = Array("{\"specversion\":\"1.0\",\"id\":\"x\",".utf8)
    case 1: forged = [0xff, 0xfe, 0x00]
    case 2: forged = [UInt8](repeating: UInt8(ascii: "["), count: 1_000)
    case 3: forged = forgedMessage(service, type, stream)
    case 4:
      let padding = String(repeating: "x", count: configuration.maximumMessageBytes)
      forged = Array(
        "{\"specversion\":\"1.0\",\"id\":\"y\",\"source\":\"/forged\",\"type\":\"\(type)\",\"data\":\"\(padding)\"}"
          .utf8)
    default:
      guard let last = observations.lastTaken[service.index], var event = try? CloudEvent.decode(last) else { return }
      // The id of a message that was taken, with another body.
      event.data = (event.data ?? .object(JSONObject())).setting(["forged"], to: true)
      forged = event.encode()
      contradicts = observations.forged.insert(forged.contentHash).inserted
    }
    coverage.strike(.poison, phases[stream])
    arrive(
      Parcel(
        number: numberParcel(), to: service.index, message: IncomingMessage(bytes: forged).decoded(),
        type: "a forged message", key: "",
        identity: "poison-\(order)",
        from: "outside", stream: stream, isPoison: true, contradicts: contradicts))
  }
}
