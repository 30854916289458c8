import SagaCore

/// That an instance was reported as late is a row of the table `consumed`, under the instance's uid, and goes with the instance: an
/// instance may be open for longer than what handlers remember is kept.
package enum LateAlertMemory {
  /// The name under which it is remembered.
  package static let consumer = "alerts/late"

  static func message(of view: InstanceView, at now: Timestamp) -> ConsumedMessage {
    let body = withUnsafeBytes(of: view.id.bigEndian) { Array($0) }
    return ConsumedMessage(consumer: consumer, id: view.uid, at: now, body: body)
  }

  /// The instance that a row is about; nil for one of another consumer, and for one of an earlier version, which did not say.
  package static func instance(consumer: String, body: [UInt8]) -> InstanceID? {
    guard consumer == self.consumer, body.count == 8 else { return nil }
    return body.reduce(InstanceID(0)) { $0 << 8 | InstanceID($1) }
  }
}
