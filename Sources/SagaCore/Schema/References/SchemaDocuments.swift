/// Schema documents that schemas refer to by name: the `schemas` of a definition, and the files beside it.
public struct SchemaDocuments: Sendable {
  /// How many documents one definition may refer to.
  public static let maximumCount = 64
  /// How many bytes those that are read from files may have together.
  public static let maximumBytes = DefinitionLimits.maximumFileBytes

  /// By name, in the order in which they were found. A name is the path from the folder of what refers to them.
  private(set) var entries: [Entry] = []
  /// Bytes of all files that were read, whichever schema led to them.
  private var fileBytes = 0

  struct Entry: Sendable, Hashable {
    var name: String
    var json: JSON
  }

  /// No documents.
  public init() {}

  /// The names, in order.
  public var names: [String] { entries.map(\.name) }

  /// The document of a name.
  public subscript(name: String) -> JSON? { entries.first { $0.name == name }?.json }

  /// Adds a document; a name that is there already keeps its own.
  public mutating func add(_ name: String, _ json: JSON) {
    if self[name] == nil { entries.append(Entry(name: name, json: json)) }
  }
}

extension SchemaDocuments: Hashable {
  public static func == (left: SchemaDocuments, right: SchemaDocuments) -> Bool { left.entries == right.entries }
  public func hash(into hasher: inout Hasher) { hasher.combine(entries) }
}

/// Reads the files that schemas refer to; the core has no files of its own.
public struct SchemaReader: Sendable {
  /// Why a file cannot be read.
  public struct Fault: Error, Sendable {
    /// The cause, as the end of a sentence about the file.
    public var reason: String
    /// A reason found by whoever reads files.
    public init(reason: String) { self.reason = reason }
  }

  let read: @Sendable (String) throws(Fault) -> [UInt8]

  /// - Parameter read: the bytes of the file at a path, which is relative to the folder of what is loaded.
  public init(_ read: @escaping @Sendable (_ path: String) throws(Fault) -> [UInt8]) { self.read = read }

  /// For text that has no folder: everything that is referred to must stand in it.
  public static let none = SchemaReader { path throws(Fault) in
    throw Fault(reason: "what refers to it was not loaded from a folder")
  }
}

extension SchemaDocuments {
  /// Reads the files that schemas refer to, and those that these refer to. The limits hold for all calls together.
  ///
  /// - Parameters:
  ///   - schemas: each with its own name (a path; empty for one that stands in a definition).
  ///   - reader: where the files are.
  /// - Throws: `SchemaError` with the path in the first of `schemas` that refers to it.
  public mutating func gather(
    from schemas: [(name: String, json: JSON)], by reader: SchemaReader
  ) throws(SchemaError) {
    for schema in schemas {
      var waiting = [(name: schema.name, json: schema.json, cause: JSONPointerPath?.none)]
      while let next = waiting.popLast() {
        for reference in SchemaLinker.fileReferences(of: next.json, named: next.name, beside: self) {
          if self[reference.name] != nil { continue }
          // A file that a file refers to is blamed on what led there.
          let cause = next.cause ?? reference.path
          if entries.count >= SchemaDocuments.maximumCount {
            throw SchemaError(
              path: cause, message: "the schemas refer to more than \(SchemaDocuments.maximumCount) documents")
          }
          let json = try SchemaDocuments.load(reference.name, by: reader, cause, &fileBytes)
          add(reference.name, json)
          waiting.append((reference.name, json, cause))
        }
      }
    }
  }

  private static func load(
    _ name: String, by reader: SchemaReader, _ cause: JSONPointerPath, _ bytes: inout Int
  ) throws(SchemaError) -> JSON {
    let text: [UInt8]
    do throws(SchemaReader.Fault) {
      text = try reader.read(name)
    } catch {
      throw SchemaError(path: cause, message: "the schema `\(name)` cannot be read: \(error.reason)")
    }
    bytes += text.count
    if bytes > maximumBytes {
      throw SchemaError(path: cause, message: "the schemas that are referred to have more than \(maximumBytes) bytes")
    }
    do throws(JSONError) {
      return try JSONParser.parse(text, limits: .definition)
    } catch {
      let place = error.position(in: text)
      throw SchemaError(path: cause, message: "\(name):\(place.line):\(place.column): \(error.message)")
    }
  }
}
