/// A message: a CloudEvents 1.0 event in the JSON format (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md).
public struct CloudEvent: Sendable, Hashable {
  /// The only `specversion` there is.
  public static let specversion = "1.0"

  /// Unique among the events of a source; `source` and `id` together are the identity of the message.
  public var id: String
  /// Who sent it, a URI reference.
  public var source: String
  public var type: String
  public var subject: String?
  /// RFC 3339, as received. `timestamp` is what it means.
  public var time: String?
  /// A URI of the schema of `data`.
  public var dataschema: String?
  /// The media type of `data`; JSON where there is none.
  public var datacontenttype: String?
  /// Every other attribute in its order: strings, booleans and integers under lower-case names.
  public var extensions: JSONObject
  /// The payload; nil where the event has none. For binary data the base64 text.
  public var data: JSON?
  /// Whether `data` is the base64 text of binary data, which the JSON format carries as `data_base64`.
  public var dataIsBase64: Bool

  public init(
    id: String, source: String, type: String, subject: String? = nil, time: String? = nil, dataschema: String? = nil,
    datacontenttype: String? = nil, extensions: JSONObject = [:], data: JSON? = nil, dataIsBase64: Bool = false
  ) {
    self.id = id
    self.source = source
    self.type = type
    self.subject = subject
    self.time = time
    self.dataschema = dataschema
    self.datacontenttype = datacontenttype
    self.extensions = extensions
    self.data = data
    self.dataIsBase64 = dataIsBase64
  }

  /// What `time` says; nil where there is none. Setting it writes `time` in UTC with milliseconds.
  public var timestamp: Timestamp? {
    get { time.flatMap(Timestamp.init(rfc3339:)) }
    set { time = newValue?.rfc3339 }
  }
}
