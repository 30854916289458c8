import SagaCore

/// What a journal row's `decided` column says. The encoding is versioned and part of the file format.
///
/// ```
/// version · flags · outcome · [identity 16+8] · [machine] · [fault: code, message, about, [attempts, causes]] · [fingerprint 16] · [facts] · [state]
/// ```
/// Version 2 has states as deltas; what has none is written as version 1.
package struct DecidedRecord: Equatable {
  /// What became of the input. The raw values are the file format.
  package enum Outcome: UInt8, Sendable, CaseIterable {
    case started = 1
    case handled = 2
    case deferred = 3
    case late = 4
    case parked = 5
    case dead = 6
    /// Nothing was decided: marks, foreign outgoing rows, a restore.
    case recorded = 7
  }

  static let version: UInt8 = 2

  package var outcome: Outcome
  /// Of the message, where the instance must remember having seen it, and of a parked message.
  package var identity: MessageIdentity?
  /// The instance's machine; set where an instance starts, and where it moves to another version of its definition.
  package var machine: MachineID?
  /// Why the message was refused.
  package var fault: MessageFault?
  /// What redelivery of a refused message is recognised by.
  package var fingerprint: Hash128?
  /// `Fact.encode`d.
  package var facts: [UInt8] = []
  package var state: StateChange = .none

  package init(_ outcome: Outcome) { self.outcome = outcome }

  private struct Flags: OptionSet {
    let rawValue: UInt8
    static let identity = Flags(rawValue: 1)
    static let machine = Flags(rawValue: 2)
    static let fault = Flags(rawValue: 4)
    static let fingerprint = Flags(rawValue: 8)
    static let facts = Flags(rawValue: 16)
    static let image = Flags(rawValue: 32)
    static let patch = Flags(rawValue: 64)
    static let delta = Flags(rawValue: 128)
  }

  private var flags: Flags {
    var flags: Flags = []
    if identity != nil { flags.insert(.identity) }
    if machine != nil { flags.insert(.machine) }
    if fault != nil { flags.insert(.fault) }
    if fingerprint != nil { flags.insert(.fingerprint) }
    if !facts.isEmpty { flags.insert(.facts) }
    switch state {
    case .none: break
    case .image: flags.insert(.image)
    case .patch: flags.insert(.patch)
    case .delta: flags.insert(.delta)
    }
    return flags
  }

  package func encode() -> [UInt8] {
    var writer = ByteWriter(reservingCapacity: 80 + facts.count + state.count)
    let flags = flags
    writer.write(byte: flags.contains(.delta) ? DecidedRecord.version : 1)
    writer.write(byte: flags.rawValue)
    writer.write(byte: outcome.rawValue)
    if let identity {
      writer.write(identity.id)
      writer.write(fixed: identity.body)
    }
    if let machine { writer.write(machine) }
    if let fault {
      writer.write(fault.code)
      writer.write(fault.message)
      let isCounted = fault.attempts != 1 || !fault.causes.isEmpty
      writer.write(byte: (fault.isRetryable ? 1 : 0) | (isCounted ? 2 : 0))
      if isCounted {
        writer.write(fault.attempts)
        writer.write(unsigned: UInt64(fault.causes.count))
        for cause in fault.causes { writer.write(cause) }
      }
    }
    if let fingerprint { writer.write(fingerprint) }
    if !facts.isEmpty { writer.write(facts) }
    switch state {
    case .none: break
    case .image(let bytes), .delta(let bytes): writer.write(bytes)
    case .patch(let prefix, let suffix, let middle):
      writer.write(unsigned: UInt64(prefix))
      writer.write(unsigned: UInt64(suffix))
      writer.write(middle)
    }
    return writer.bytes
  }

  package init(decoding bytes: [UInt8]) throws(DecodingFault) {
    var reader = ByteReader(bytes, subject: "a journal row's decision")
    try reader.version(atMost: DecidedRecord.version)
    let flags = Flags(rawValue: try reader.byte())
    let code = try reader.byte()
    guard let outcome = Outcome(rawValue: code) else { throw reader.fault("outcome \(code) is unknown") }
    self.outcome = outcome
    if flags.contains(.identity) {
      let id = try reader.hash()
      identity = MessageIdentity(id: id, body: try reader.fixed())
    }
    if flags.contains(.machine) { machine = try reader.int64() }
    if flags.contains(.fault) {
      let code = try reader.string()
      let message = try reader.string()
      let about = try reader.byte()
      var attempts: Int64 = 1
      var causes: [String] = []
      if about & 2 != 0 {
        attempts = try reader.int64()
        let count = try reader.unsigned()
        guard count <= UInt64(MessageFault.maximumCauses) else { throw reader.fault("a fault has \(count) causes") }
        for _ in 0..<count { causes.append(try reader.string()) }
      }
      fault = MessageFault(
        code: code, message: message, isRetryable: about & 1 != 0, attempts: attempts, causes: causes)
    }
    if flags.contains(.fingerprint) { fingerprint = try reader.hash() }
    if flags.contains(.facts) { facts = try reader.blob() }
    if flags.contains(.image) {
      state = .image(try reader.blob())
    } else if flags.contains(.delta) {
      state = .delta(try reader.blob())
    } else if flags.contains(.patch) {
      let prefix = try reader.unsigned()
      let suffix = try reader.unsigned()
      guard prefix < 1 << 40, suffix < 1 << 40 else { throw reader.fault("a patch is out of range") }
      state = .patch(prefix: Int(prefix), suffix: Int(suffix), middle: try reader.blob())
    }
    guard reader.isAtEnd else { throw reader.fault("bytes are left over") }
  }
}
