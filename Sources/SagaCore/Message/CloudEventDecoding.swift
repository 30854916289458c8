extension CloudEvent {
  /// The event in a JSON text.
  ///
  /// - Throws: `MessageFault` for bytes that are no JSON, break a limit, or are no CloudEvent.
  public static func decode(_ bytes: [UInt8], limits: JSONLimits = .message) throws(MessageFault) -> CloudEvent {
    let ordinary = bytes.withUnsafeBufferPointer { buffer in
      var reader = CloudEventReader(buffer, limits: limits)
      return reader.read()
    }
    if let ordinary { return ordinary }
    let json: JSON
    do throws(JSONError) { json = try JSONParser.parse(bytes, limits: limits) } catch { throw MessageFault(error) }
    return try CloudEvent(json: json)
  }

  /// The event in bytes that a journal holds: what came in was checked then, and what an engine made itself must be readable whatever
  /// the rules are by now. So an attribute may be long, empty or hold control characters, and the text may be as large as a
  /// definition; whoever hands the message on to others holds it to `decode`.
  ///
  /// - Throws: `MessageFault` for bytes that are no JSON or no CloudEvent: they are damaged.
  package static func decodeStored(_ bytes: [UInt8]) throws(MessageFault) -> CloudEvent {
    if let event = try? decode(bytes) { return event }
    let json: JSON
    do throws(JSONError) { json = try JSONParser.parse(bytes, limits: .definition) } catch { throw MessageFault(error) }
    return try CloudEvent(json: json, isStored: true)
  }

  /// The event a JSON object describes.
  ///
  /// An attribute that is null is absent (JSON format, 2.3). `data_base64` becomes `data` as it is, with `dataIsBase64`.
  ///
  /// - Throws: `MessageFault` that names the attribute.
  public init(json: JSON) throws(MessageFault) { try self.init(json: json, isStored: false) }

  private init(json: JSON, isStored: Bool) throws(MessageFault) {
    guard case .object(let members) = json else {
      let message = "A CloudEvent is a JSON object, this is \(CloudEvent.article(json)). Send one object per message."
      throw MessageFault(code: MessageFault.undecodable, message: message)
    }
    try CloudEvent.checkVersion(members["specversion"])
    var fields = Fields(id: "", source: "", type: "", extensions: JSONObject(reservingCapacity: 8))
    for member in members.members { try fields.set(member.key, member.value, isStored: isStored) }
    if isStored {
      self.init(fields)
      return
    }
    if fields.id.isEmpty { throw CloudEvent.missing("id") }
    if fields.source.isEmpty { throw CloudEvent.missing("source") }
    if fields.type.isEmpty { throw CloudEvent.missing("type") }
    if let time = fields.time, Timestamp(rfc3339: time) == nil {
      let mend = "Write it like 2017-01-09T08:49:50.000Z."
      throw CloudEvent.fault("time", "is \(JSON.string(time)), no RFC 3339 time", mend: mend)
    }
    self.init(fields)
  }

  private static func missing(_ name: String) -> MessageFault {
    fault(name, "is missing or null", mend: "Every CloudEvent has id, source and type.")
  }

  private static func checkVersion(_ version: JSON?) throws(MessageFault) {
    if let version, case .string(CloudEvent.specversion) = version { return }
    let found = version.map { "is \($0)" } ?? "is missing"
    let message = "specversion \(found). Send CloudEvents 1.0 in the JSON format: \"specversion\":\"1.0\"."
    throw MessageFault(code: MessageFault.version, message: message)
  }

  fileprivate static func isAttributeName(_ name: String) -> Bool {
    name.withBytes { text in
      for byte in text where !(0x61...0x7A).contains(byte) && !(0x30...0x39).contains(byte) { return false }
      return !text.isEmpty
    }
  }

  /// The longest attribute, in bytes of UTF-8: what is sent carries on some of those that came in, and must stay a message.
  public static let maximumAttributeBytes = 16_384

  /// A string attribute: CloudEvents 1.0, type system, allows no control characters.
  fileprivate static func text(
    _ name: String, _ value: JSON, isStored: Bool, mayBeEmpty: Bool = false
  ) throws(MessageFault) -> String {
    guard case .string(let text) = value else {
      throw fault(name, "is \(article(value))", mend: "Send a string.")
    }
    if isStored { return text }
    if text.utf8.count > maximumAttributeBytes {
      let cause = "has \(text.utf8.count) bytes, more than \(maximumAttributeBytes) (maximumAttributeBytes)"
      throw fault(name, cause, mend: "Shorten it; what is long belongs into data.")
    }
    if text.isEmpty, !mayBeEmpty {
      throw fault(name, "is empty", mend: "Leave an optional attribute out, or give it a value.")
    }
    if hasControlCharacters(text) {
      throw fault(name, "holds a control character", mend: "Remove it; CloudEvents allows none in attributes.")
    }
    return text
  }

  /// Whether a text holds U+0000…U+001F or U+007F…U+009F; the latter are C2 80…C2 9F in UTF-8.
  package static func hasControlCharacters(_ text: String) -> Bool {
    text.withBytes { bytes in
      var previous: UInt8 = 0
      for byte in bytes {
        if byte < 0x20 || byte == 0x7F || (previous == 0xC2 && byte < 0xA0) { return true }
        previous = byte
      }
      return false
    }
  }

  fileprivate static func fault(_ name: String, _ cause: String, mend: String) -> MessageFault {
    MessageFault(code: MessageFault.attribute, message: "The attribute \(JSON.string(name)) \(cause). \(mend)")
  }

  fileprivate static func article(_ value: JSON) -> String {
    switch value {
    case .null: "null"
    case .array, .object: "an \(value.kindName)"
    default: "a \(value.kindName)"
    }
  }
}

extension CloudEvent.Fields {
  fileprivate mutating func set(_ name: String, _ value: JSON, isStored: Bool) throws(MessageFault) {
    // By length first: most names are those of extensions, and would be compared with every other one.
    switch (name.utf8.count, name) {
    case (11, "specversion"): break
    case (4, "data"): try setData(value, isBase64: false)
    case (11, "data_base64"): if !value.isNull { try setData(value, isBase64: true) }
    case _ where value.isNull: break
    case (2, "id"): id = try CloudEvent.text(name, value, isStored: isStored)
    case (6, "source"): source = try CloudEvent.text(name, value, isStored: isStored)
    case (4, "type"): type = try CloudEvent.text(name, value, isStored: isStored)
    case (7, "subject"): subject = try CloudEvent.text(name, value, isStored: isStored)
    case (4, "time"): time = try CloudEvent.text(name, value, isStored: isStored)
    case (10, "dataschema"): dataschema = try CloudEvent.text(name, value, isStored: isStored)
    case (15, "datacontenttype"): datacontenttype = try CloudEvent.text(name, value, isStored: isStored)
    default: try setExtension(name, value, isStored: isStored)
    }
  }

  private mutating func setData(_ value: JSON, isBase64: Bool) throws(MessageFault) {
    if data != nil {
      let message = "The event has both data and data_base64. Send one of them."
      throw MessageFault(code: MessageFault.data, message: message)
    }
    if isBase64 {
      guard case .string(let text) = value, Base64.decode(text) != nil else {
        let message = "data_base64 is no base64 text. Encode the bytes as RFC 4648, 4, with padding."
        throw MessageFault(code: MessageFault.data, message: message)
      }
    }
    data = value
    dataIsBase64 = isBase64
  }

  private mutating func setExtension(_ name: String, _ value: JSON, isStored: Bool) throws(MessageFault) {
    if !CloudEvent.isAttributeName(name) {
      let mend = "Attribute names are lower-case letters and digits; payload fields belong into data."
      throw CloudEvent.fault(name, "is no attribute of CloudEvents", mend: mend)
    }
    switch value {
    // A JSON object has no key twice.
    case .string:
      let text = try CloudEvent.text(name, value, isStored: isStored, mayBeEmpty: true)
      extensions.append(absent: name, .string(text))
    case .bool, .int: extensions.append(absent: name, value)
    default:
      let mend = "Extension attributes are strings, booleans or integers; structure belongs into data."
      throw CloudEvent.fault(name, "is \(CloudEvent.article(value))", mend: mend)
    }
  }
}
