extension Fact {
  /// The stored form of a row's facts. The numbers are the file format: append, never reuse.
  public static func encode(_ facts: [Fact]) -> [UInt8] {
    var writer = ByteWriter(reservingCapacity: 64)
    writer.write(facts) { $0.write($1) }
    return writer.bytes
  }

  /// Reads the stored form.
  public static func decode(_ bytes: [UInt8]) throws(DecodingFault) -> [Fact] {
    var reader = ByteReader(bytes)
    let facts = try reader.list { reader throws(DecodingFault) in try reader.fact() }
    guard reader.isAtEnd else { throw reader.fault("\(bytes.count - reader.offset) bytes too many") }
    return facts
  }
}

extension ByteWriter {
  mutating func write(_ fact: Fact) {
    switch fact {
    case .started(let type):
      write(byte: 0)
      write(type)
    case .entered(let state):
      write(byte: 1)
      write(state)
    case .handled(let type):
      write(byte: 2)
      write(type)
    case .called(let step, let attempt, let type):
      write(byte: 3)
      write(step)
      write(attempt)
      write(type)
    case .waiting(let step):
      write(byte: 4)
      write(step)
    case .replied(let step, let type):
      write(byte: 5)
      write(step)
      write(type)
    case .timedOut(let step, let attempt):
      write(byte: 6)
      write(step)
      write(attempt)
    case .retrying(let step, let attempt, let delayMilliseconds):
      write(byte: 7)
      write(step)
      write(attempt)
      write(delayMilliseconds)
    case .again(let step, let visit, let delayMilliseconds):
      write(byte: 8)
      write(step)
      write(visit)
      write(delayMilliseconds)
    case .stepFailed(let step, let kind, let reason):
      write(byte: 9)
      write(step)
      write(byte: kind.code)
      write(reason)
    case .published(let type):
      write(byte: 10)
      write(type)
    case .chose(let step, let branch):
      write(byte: 11)
      write(step)
      write(branch)
    case .caught(let step):
      write(byte: 12)
      write(step)
    case .compensating(let kind, let reason):
      write(byte: 13)
      write(byte: kind.code)
      write(reason)
    case .undoing(let step, let attempt, let type):
      write(byte: 14)
      write(step)
      write(attempt)
      write(type)
    case .undone(let step):
      write(byte: 15)
      write(step)
    case .pivoted(let step):
      write(byte: 16)
      write(step)
    case .timerFired(let name):
      write(byte: 17)
      write(name)
    case .stuck(let step, let reason):
      write(byte: 18)
      write(step)
      write(reason)
    case .operated(let verb, let by, let reason):
      write(byte: 19)
      write(verb)
      write(by)
      write(reason)
    case .deferred(let type):
      write(byte: 20)
      write(type)
    case .late(let type):
      write(byte: 21)
      write(type)
    case .noted(let text):
      write(byte: 22)
      write(text)
    case .closed(let status):
      write(byte: 23)
      write(byte: UInt8(status.rawValue))
    case .refused(let state):
      write(byte: 24)
      write(state)
    case .migrated(let from, let to):
      write(byte: 25)
      write(from)
      write(to)
    }
  }
}

extension ByteReader {
  mutating func fact() throws(DecodingFault) -> Fact {
    switch try byte() {
    case 0: return .started(type: try string())
    case 1: return .entered(state: try string())
    case 2: return .handled(type: try string())
    case 3:
      let step = try string()
      let attempt = try int64()
      return .called(step: step, attempt: attempt, type: try string())
    case 4: return .waiting(step: try string())
    case 5:
      let step = try string()
      return .replied(step: step, type: try string())
    case 6:
      let step = try string()
      return .timedOut(step: step, attempt: try int64())
    case 7:
      let step = try string()
      let attempt = try int64()
      return .retrying(step: step, attempt: attempt, delayMilliseconds: try int64())
    case 8:
      let step = try string()
      let visit = try int64()
      return .again(step: step, visit: visit, delayMilliseconds: try int64())
    case 9:
      let step = try string()
      let kind = try failureKind()
      return .stepFailed(step: step, kind: kind, reason: try string())
    case 10: return .published(type: try string())
    case 11:
      let step = try string()
      return .chose(step: step, branch: try int64())
    case 12: return .caught(step: try string())
    case 13:
      let kind = try failureKind()
      return .compensating(kind: kind, reason: try string())
    case 14:
      let step = try string()
      let attempt = try int64()
      return .undoing(step: step, attempt: attempt, type: try string())
    case 15: return .undone(step: try string())
    case 16: return .pivoted(step: try string())
    case 17: return .timerFired(name: try string())
    case 18:
      let step = try string()
      return .stuck(step: step, reason: try string())
    case 19:
      let verb = try string()
      let by = try string()
      return .operated(verb: verb, by: by, reason: try string())
    case 20: return .deferred(type: try string())
    case 21: return .late(type: try string())
    case 22: return .noted(text: try string())
    case 23: return .closed(status: try status())
    case 24: return .refused(state: try string())
    case 25:
      let from = try int64()
      return .migrated(from: from, to: try int64())
    case let other: throw fault("unknown fact \(other)")
    }
  }

  private mutating func failureKind() throws(DecodingFault) -> FailureKind {
    guard let kind = FailureKind(code: try byte()) else { throw fault("unknown kind of failure") }
    return kind
  }

  private mutating func status() throws(DecodingFault) -> InstanceStatus {
    guard let status = InstanceStatus(rawValue: Int64(try byte())) else { throw fault("unknown status") }
    return status
  }
}
