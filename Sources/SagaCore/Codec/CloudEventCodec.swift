extension ByteWriter {
  /// Binary, because the JSON text does not tell an int from an integral double.
  public mutating func write(_ event: CloudEvent) {
    write(event.id)
    write(event.source)
    write(event.type)
    write(event.subject) { $0.write($1) }
    write(event.time) { $0.write($1) }
    write(event.dataschema) { $0.write($1) }
    write(event.datacontenttype) { $0.write($1) }
    write(JSON.object(event.extensions))
    write(event.data) { $0.write($1) }
    write(event.dataIsBase64)
  }
}

extension ByteReader {
  /// An event as `ByteWriter.write(_: CloudEvent)` writes it.
  public mutating func event() throws(DecodingFault) -> CloudEvent {
    let id = try string()
    let source = try string()
    var event = CloudEvent(id: id, source: source, type: try string())
    event.subject = try optional { reader throws(DecodingFault) in try reader.string() }
    event.time = try optional { reader throws(DecodingFault) in try reader.string() }
    event.dataschema = try optional { reader throws(DecodingFault) in try reader.string() }
    event.datacontenttype = try optional { reader throws(DecodingFault) in try reader.string() }
    guard case .object(let extensions) = try json() else { throw fault("extensions are no object") }
    event.extensions = extensions
    event.data = try optional { reader throws(DecodingFault) in try reader.json() }
    event.dataIsBase64 = try bool()
    return event
  }
}
