/// Whether data that is written with one version of a schema can be read with another.
public enum SchemaCompatibility {
  /// What a change does; empty, but for notes, when it is compatible.
  ///
  /// It is sound and not complete: silence is a proof, and what cannot be proven is reported as such.
  ///
  /// - Parameters:
  ///   - old: the version that is in use.
  ///   - new: the version that is to follow it.
  ///   - mode: which of the two has to read the other's data.
  ///   - isStrict: whether data may have members that its schema does not name under any name. Otherwise a name that only the
  ///     reader's schema knows is taken to be new, as when a schema gains an optional property, and is noted.
  public static func findings(
    old: Schema, new: Schema, mode: SchemaCompatibilityMode, isStrict: Bool = false
  ) -> [SchemaFinding] {
    mode.directions.flatMap { direction in
      direction == .backward
        ? SchemaContainment.findings(writer: old, reader: new, direction: direction, isStrict: isStrict)
        : SchemaContainment.findings(writer: new, reader: old, direction: direction, isStrict: isStrict)
    }
  }

  /// The same for every message type that two versions of a definition declare.
  ///
  /// Data of the old version may also go through an `upcast`: a type is compatible backward if one of its `accepts` takes all old
  /// data.
  public static func findings(
    old: Definition, new: Definition, mode: SchemaCompatibilityMode, isStrict: Bool = false
  ) -> [SchemaFinding] {
    var result: [SchemaFinding] = []
    for message in old.messages {
      guard let next = new.message(message.type) else {
        if mode.directions.contains(.backward) { result.append(removed(message.type)) }
        continue
      }
      for direction in mode.directions {
        let found = findings(old: message, new: next, direction, isStrict)
        result += found.map { finding in
          var finding = finding
          finding.type = message.type
          return finding
        }
      }
    }
    for message in new.messages where old.message(message.type) == nil {
      for direction in mode.directions where direction == .forward || mode == .backward {
        result.append(
          SchemaFinding(
            code: .messageAdded, verdict: .note, direction: direction, type: message.type, place: [],
            rule: ["messages", .key(message.type)], message: "the type \(message.type) is new"))
      }
    }
    return result
  }

  private static func removed(_ type: String) -> SchemaFinding {
    SchemaFinding(
      code: .messageRemoved, verdict: .breaking, direction: .backward, type: type, place: [],
      rule: ["messages", .key(type)], message: "the new definition does not declare \(type) any more")
  }

  private static func findings(
    old: MessageDeclaration, new: MessageDeclaration, _ direction: SchemaDirection, _ isStrict: Bool
  ) -> [SchemaFinding] {
    let oldSchema = old.schema ?? .anything
    let newSchema = new.schema ?? .anything
    let backward = direction == .backward
    let (writer, reader) = backward ? (oldSchema, newSchema) : (newSchema, oldSchema)
    let found = SchemaContainment.findings(writer: writer, reader: reader, direction: direction, isStrict: isStrict)
    guard found.contains(where: \.isFailure) else { return found }
    for version in (backward ? new : old).accepts {
      let older = SchemaContainment.findings(
        writer: writer, reader: version.schema, direction: direction, isStrict: isStrict)
      if older.contains(where: \.isFailure) { continue }
      return [
        SchemaFinding(
          code: .messageLifted, verdict: .note, direction: direction, type: new.type, place: [], rule: ["accepts"],
          message: "\(direction.writer) data goes through an upcast of the \(direction.reader) definition")
      ]
    }
    return found
  }
}
