extension CloudEvent {
  /// The event as compact JSON: `specversion id source type subject time dataschema datacontenttype`, the extensions in their
  /// order, `data` (or `data_base64`). Equal events give equal bytes if their objects have equal orders.
  public func encode() -> [UInt8] {
    var writer = JSONWriter(reservingCapacity: 512)
    write(to: &writer)
    return writer.bytes
  }

  /// Appends `encode()` to what a writer has.
  public func write(to writer: inout JSONWriter) {
    writer.append("{\"specversion\":\"1.0\",\"id\":")
    writer.write(id)
    writer.append(",\"source\":")
    writer.write(source)
    writer.append(",\"type\":")
    writer.write(type)
    writer.writeMember(",\"subject\":", subject)
    writer.writeMember(",\"time\":", time)
    writer.writeMember(",\"dataschema\":", dataschema)
    writer.writeMember(",\"datacontenttype\":", datacontenttype)
    let members = extensions.members
    for index in members.indices {
      writer.append(",")
      writer.write(members[index].key)
      writer.append(":")
      writer.write(members[index].value)
    }
    if let data {
      writer.append(dataIsBase64 ? ",\"data_base64\":" : ",\"data\":")
      writer.write(data)
    }
    writer.append("}")
  }

  /// The event as a JSON object with its members in the order of `encode()`.
  public var json: JSON {
    var members: JSONObject = [
      "specversion": "1.0", "id": .string(id), "source": .string(source), "type": .string(type),
    ]
    members["subject"] = subject.map(JSON.string)
    members["time"] = time.map(JSON.string)
    members["dataschema"] = dataschema.map(JSON.string)
    members["datacontenttype"] = datacontenttype.map(JSON.string)
    for member in extensions.members { members[member.key] = member.value }
    members[dataIsBase64 ? "data_base64" : "data"] = data
    return .object(members)
  }
}

extension JSONWriter {
  fileprivate mutating func writeMember(_ key: StaticString, _ value: String?) {
    guard let value else { return }
    append(key)
    write(value)
  }
}
