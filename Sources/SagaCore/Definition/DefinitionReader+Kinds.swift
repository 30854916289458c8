/// Objects that are no definition, and what they are instead.
extension DefinitionReader {
  /// Another kind of file, by what none of its kind is without and no definition has.
  private struct OtherKind {
    /// With its article.
    var title: String
    /// Members of the root, of which one is enough.
    var marks: [String]
    /// Where it goes.
    var mend: String
  }

  /// In the order in which they are tried: a message has a `type`, as a schema does.
  private static let otherKinds = [
    OtherKind(
      title: "a scenario", marks: ["participants", "invariants", "reach"],
      mend: "Name the definition that it lies beside; a scenario is given by `--scenario` or `--participants`."),
    OtherKind(
      title: "a message (a CloudEvent)", marks: ["specversion"],
      mend: "Name the definition that takes it; messages go to `saga run --input` and `saga send`."),
    OtherKind(
      title: "a trace", marks: ["choices"],
      mend: "Name the definition that it is a run of; `saga replay` runs it again."),
    OtherKind(
      title: "a mapping", marks: ["states", "skip", "set", "drop", "correlate"],
      mend: "Name a definition; a mapping is given by `--mapping`."),
    OtherKind(
      title: "a JSON Schema", marks: ["type", "properties", "$defs", "$ref", "$id", "anyOf", "oneOf", "allOf", "enum"],
      mend: "Name the definition whose messages it describes, which refers to it by `$ref`."),
  ]

  /// Says what an object is that names no saga and has what another kind of file has; false where there is nothing of that.
  mutating func reportOtherKind(_ root: SourceNode) -> Bool {
    // What has one of these is a definition that lacks its name.
    if root.members.contains(where: { ["saga", "version", "messages"].contains($0.name) }) { return false }
    for kind in DefinitionReader.otherKinds {
      guard let mark = root.members.first(where: { kind.marks.contains($0.name) }) else { continue }
      report(
        .definitionMode, mark.position, "The file is \(kind.title) and no definition: it has `\(mark.name)`.",
        mend: kind.mend)
      return true
    }
    return false
  }

  /// Says what an object without `roles` and `steps` most likely is: a definition in which one of them is
  /// misspelt, or one that is not finished.
  mutating func reportModeless(_ root: SourceNode) {
    let known = DefinitionShape.orchestration.fields + DefinitionShape.choreography.fields
    for member in root.members where !known.contains(member.name) {
      guard let nearest = nearestName(to: member.name, among: ["steps", "roles"]) else { continue }
      report(
        .fieldUnknown, member.position,
        "`\(member.name)` is no field of a saga, which has `steps` or `roles`.", mend: "Did you mean `\(nearest)`?")
      return
    }
    report(
      .definitionMode, root.position, "The saga has neither `roles` nor `steps`.",
      mend: "Add `steps` for an orchestration, or `roles` for a choreography.")
  }
}
