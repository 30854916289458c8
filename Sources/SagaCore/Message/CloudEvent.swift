/// A message: a CloudEvents 1.0 event in the JSON format (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md).
///
/// A value that is one reference wide: events stand in scopes, inputs, calls and frames, and are copied far more often than
/// they are changed.
public struct CloudEvent: Sendable, Hashable {
  /// The only `specversion` there is.
  public static let specversion = "1.0"

  /// What an event says.
  struct Fields: Sendable, Hashable {
    var id: String
    var source: String
    var type: String
    var subject: String?
    var time: String?
    var dataschema: String?
    var datacontenttype: String?
    var extensions: JSONObject = [:]
    var data: JSON?
    var dataIsBase64 = false
  }

  /// Constant: a change makes a new one. Events are made whole and seldom changed.
  private final class Storage: Sendable {
    let fields: Fields
    init(_ fields: Fields) { self.fields = fields }
  }

  private var storage: Storage

  init(_ fields: Fields) { storage = Storage(fields) }

  /// An event from its attributes; nothing is checked here, `decode` does that for what comes in.
  public init(
    id: String, source: String, type: String, subject: String? = nil, time: String? = nil, dataschema: String? = nil,
    datacontenttype: String? = nil, extensions: JSONObject = [:], data: JSON? = nil, dataIsBase64: Bool = false
  ) {
    self.init(
      Fields(
        id: id, source: source, type: type, subject: subject, time: time, dataschema: dataschema,
        datacontenttype: datacontenttype, extensions: extensions, data: data, dataIsBase64: dataIsBase64))
  }

  private mutating func change(_ body: (inout Fields) -> Void) {
    var fields = storage.fields
    body(&fields)
    storage = Storage(fields)
  }

  /// Unique among the events of a source; `source` and `id` together are the identity of the message.
  public var id: String {
    get { storage.fields.id }
    set { change { $0.id = newValue } }
  }
  /// Who sent it, a URI reference.
  public var source: String {
    get { storage.fields.source }
    set { change { $0.source = newValue } }
  }
  /// What kind of event it is; definitions name messages by it.
  public var type: String {
    get { storage.fields.type }
    set { change { $0.type = newValue } }
  }
  /// What the event is about, within its source.
  public var subject: String? {
    get { storage.fields.subject }
    set { change { $0.subject = newValue } }
  }
  /// RFC 3339, as received. `timestamp` is what it means.
  public var time: String? {
    get { storage.fields.time }
    set { change { $0.time = newValue } }
  }
  /// A URI of the schema of `data`.
  public var dataschema: String? {
    get { storage.fields.dataschema }
    set { change { $0.dataschema = newValue } }
  }
  /// The media type of `data`; JSON where there is none.
  public var datacontenttype: String? {
    get { storage.fields.datacontenttype }
    set { change { $0.datacontenttype = newValue } }
  }
  /// Every other attribute in its order: strings, booleans and integers under lower-case names.
  public var extensions: JSONObject {
    get { storage.fields.extensions }
    set { change { $0.extensions = newValue } }
  }
  /// The payload; nil where the event has none. For binary data the base64 text.
  public var data: JSON? {
    get { storage.fields.data }
    set { change { $0.data = newValue } }
  }
  /// Whether `data` is the base64 text of binary data, which the JSON format carries as `data_base64`.
  public var dataIsBase64: Bool {
    get { storage.fields.dataIsBase64 }
    set { change { $0.dataIsBase64 = newValue } }
  }

  /// What `time` says; nil where there is none. Setting it writes `time` in UTC with milliseconds.
  public var timestamp: Timestamp? {
    get { time.flatMap(Timestamp.init(rfc3339:)) }
    set { time = newValue?.rfc3339 }
  }

  public static func == (left: CloudEvent, right: CloudEvent) -> Bool {
    left.storage === right.storage || left.storage.fields == right.storage.fields
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(storage.fields) }
}
