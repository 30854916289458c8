extension Instance {
  /// The version of the stored form; a newer one is refused, older ones are read for ever (golden files).
  static let codecVersion: UInt8 = 1

  /// The compact stored form, the same for equal instances.
  public func encode() -> [UInt8] {
    var writer = ByteWriter(reservingCapacity: 512)
    writer.write(byte: Instance.codecVersion)
    writer.write(uid)
    writer.write(key)
    writer.write(revision)
    writer.write(byte: UInt8(status.rawValue))
    writer.write(isPaused)
    writer.write(startedAt)
    writer.write(updatedAt)
    writer.write(closedAt) { $0.write($1) }
    writer.write(state)
    writer.write(visit)
    writer.write(data)
    writer.write(failure) { $0.write($1) }
    writer.write(correlations) {
      $0.write($1.name)
      $0.write($1.value)
    }
    writer.write(starterCorrelation) { $0.write($1) }
    writer.write(traceParent) { $0.write($1) }
    writer.write(isPivoted)
    writer.write(block) { $0.write($1) }
    writer.write(owed) { $0.write($1) }
    writer.write(unwinding) { $0.write($1) }
    writer.write(pending) {
      $0.write($1.transition) { $0.write($1.index) }
      $0.write($1.failure)
    }
    writer.write(timers) { $0.write($1) }
    writer.write(deferred) {
      $0.write($1.sequence)
      $0.write($1.id)
      $0.write($1.type)
    }
    writer.write(abandoned) { $0.write($1) }
    writer.write(repairs) { $0.write($1) }
    writer.write(answered) {
      $0.write(fixed: $1.key)
      $0.write($1.type)
    }
    writer.write(entryProblem) { $0.write($1) }
    writer.write(nextCall)
    return writer.bytes
  }

  /// Reads the stored form.
  ///
  /// - Throws: `DecodingFault` when the bytes are damaged or from a newer version.
  public init(decoding bytes: [UInt8]) throws(DecodingFault) { self.init(try Fields(decoding: bytes)) }
}

extension Instance.Fields {
  fileprivate init(decoding bytes: [UInt8]) throws(DecodingFault) {
    var reader = ByteReader(bytes)
    let version = try reader.byte()
    guard version == Instance.codecVersion else {
      throw reader.fault("state version \(version) is newer than this engine's \(Instance.codecVersion)")
    }
    uid = try reader.hash()
    key = try reader.string()
    revision = try reader.int64()
    guard let status = InstanceStatus(rawValue: Int64(try reader.byte())) else { throw reader.fault("unknown status") }
    self.status = status
    isPaused = try reader.bool()
    startedAt = try reader.timestamp()
    updatedAt = try reader.timestamp()
    closedAt = try reader.optional { reader throws(DecodingFault) in try reader.timestamp() }
    state = try reader.int()
    visit = try reader.int64()
    data = try reader.json()
    failure = try reader.optional { reader throws(DecodingFault) in try reader.failure() }
    correlations = try reader.list { reader throws(DecodingFault) in
      let name = try reader.string()
      return Correlation(name: name, value: try reader.string())
    }
    starterCorrelation = try reader.optional { reader throws(DecodingFault) in try reader.string() }
    traceParent = try reader.optional { reader throws(DecodingFault) in try reader.string() }
    isPivoted = try reader.bool()
    block = try reader.optional { reader throws(DecodingFault) in try reader.frame() }
    owed = try reader.list { reader throws(DecodingFault) in try reader.owed() }
    unwinding = try reader.optional { reader throws(DecodingFault) in try reader.unwinding() }
    // Was an optional: the same bytes as a list of none or one.
    pending = try reader.list { reader throws(DecodingFault) in
      let transition = try reader.optional { reader throws(DecodingFault) in
        TransitionReference(index: try reader.int())
      }
      return PendingExit(transition: transition, failure: try reader.failure())
    }
    timers = try reader.list { reader throws(DecodingFault) in try reader.timer() }
    deferred = try reader.list { reader throws(DecodingFault) in
      let sequence = try reader.int64()
      let id = try reader.hash()
      return DeferredMessage(sequence: sequence, id: id, type: try reader.string())
    }
    abandoned = try reader.list { reader throws(DecodingFault) in try reader.owedUndo() }
    repairs = try reader.list { reader throws(DecodingFault) in try reader.owedUndo() }
    answered = try reader.list { reader throws(DecodingFault) in
      let key = try reader.fixed()
      return AnsweredCall(key: key, type: try reader.string())
    }
    entryProblem = try reader.optional { reader throws(DecodingFault) in try reader.string() }
    nextCall = try reader.int64()
    guard reader.isAtEnd else { throw reader.fault("\(bytes.count - reader.offset) bytes too many") }
  }
}

extension ByteWriter {
  mutating func write(_ failure: Failure) {
    write(failure.reason)
    write(failure.step)
    write(byte: failure.kind.code)
    write(failure.time)
  }

  mutating func write(_ timer: InstanceTimer) {
    switch timer.name {
    case .state(let index):
      write(byte: 0)
      write(index)
    case .role(let index):
      write(byte: 1)
      write(index)
    case .call(let number):
      write(byte: 2)
      write(number)
    }
    write(timer.armedRevision)
    write(timer.setAt)
    write(timer.delayMilliseconds)
  }

  mutating func write(_ unwinding: Unwinding) {
    write(unwinding.tree)
    switch unwinding.then {
    case .failed: write(byte: 0)
    case .transition(let reference, let event):
      write(byte: 1)
      write(reference.index)
      write(event) { $0.write($1) }
    case .end(let state):
      write(byte: 2)
      write(state)
    case .close(let status):
      write(byte: 3)
      write(byte: UInt8(status.rawValue))
    }
    write(unwinding.problem) { $0.write($1) }
  }
}

extension FailureKind {
  var code: UInt8 {
    switch self {
    case .business: 0
    case .unknown: 1
    case .cancelled: 2
    case .deadline: 3
    case .operator: 4
    }
  }

  init?(code: UInt8) {
    guard let kind = FailureKind.allCases.first(where: { $0.code == code }) else { return nil }
    self = kind
  }
}

extension ByteReader {
  mutating func failure() throws(DecodingFault) -> Failure {
    let reason = try string()
    let step = try string()
    guard let kind = FailureKind(code: try byte()) else { throw fault("unknown kind of failure") }
    return Failure(reason: reason, step: step, kind: kind, time: try timestamp())
  }

  mutating func timer() throws(DecodingFault) -> InstanceTimer {
    let name: TimerName
    switch try byte() {
    case 0: name = .state(index: try int())
    case 1: name = .role(index: try int())
    case 2: name = .call(try int64())
    case let other: throw fault("unknown timer \(other)")
    }
    let revision = try int64()
    let setAt = try timestamp()
    return InstanceTimer(name: name, armedRevision: revision, setAt: setAt, delayMilliseconds: try int64())
  }

  mutating func unwinding() throws(DecodingFault) -> Unwinding {
    let tree = try owed()
    let then: Unwinding.Continuation
    switch try byte() {
    case 0: then = .failed
    case 1:
      let reference = TransitionReference(index: try int())
      then = .transition(reference, event: try optional { reader throws(DecodingFault) in try reader.event() })
    case 2: then = .end(state: try int())
    case 3:
      guard let status = InstanceStatus(rawValue: Int64(try byte())) else { throw fault("unknown status") }
      then = .close(status)
    case let other: throw fault("unknown continuation \(other)")
    }
    let problem = try optional { reader throws(DecodingFault) in try reader.string() }
    return Unwinding(tree: tree, then: then, problem: problem)
  }
}
