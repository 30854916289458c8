import SagaCore
import SagaRuntime

/// What `saga diff` prints.
enum DifferenceReport {
  typealias Verdict = DefinitionDifference.Verdict

  static func lines(_ difference: DefinitionDifference) -> [String] {
    var lines = ["\(difference.old.saga): version \(difference.old.version) → \(difference.new.version)"]
    for role in difference.removedRoles { lines.append(styled(.mustStay, "role \(role): the new version has none")) }
    for role in difference.roles { lines += self.lines(role) }
    func list(_ names: [String], _ text: String) {
      if !names.isEmpty { lines.append("\(text): \(names.map { Text.safe($0) }.joined(separator: ", "))") }
    }
    list(difference.addedRoles, "new roles")
    list(difference.addedMessages, "new messages")
    list(difference.removedMessages, "messages that are gone")
    list(difference.rekeyedMessages, "messages that find their saga by another key")
    lines.append(summary(difference))
    return lines
  }

  private static func lines(_ role: DefinitionDifference.Role) -> [String] {
    var lines: [String] = []
    if !role.name.isEmpty { lines.append("role \(Text.safe(role.name))") }
    for place in role.places {
      let indent = place.kind == .state ? "  " : "    "
      let what =
        switch place.kind {
        case .state: "state \(Text.safe(place.name))"
        case .step: "while \(Text.safe(place.name)) is under way"
        case .undo: "while the undo of \(Text.safe(place.name)) is owed"
        }
      // A state's steps are as the state, unless they say more.
      let above = role.places.first { $0.kind == .state && $0.name == place.state }?.obstacles ?? []
      let own = place.kind == .state ? place.obstacles : place.obstacles.filter { !above.contains($0) }
      if place.kind == .undo, own.isEmpty { continue }
      lines.append(indent + styled(place.verdict, what))
      for obstacle in own {
        lines.append("\(indent)    \(Text.safe(obstacle.message))")
        if let mend = obstacle.mend { lines.append("\(indent)      mend: \(Text.safe(mend))") }
      }
    }
    for name in role.newStates { lines.append("  new state \(Text.safe(name))") }
    if !role.data.isEmpty {
      lines.append("  " + styled(.needsMapping, "data: not all of the old version's fits the new one's schema"))
      for finding in role.data {
        let place = finding.place.description
        lines.append("      \(place.isEmpty ? "" : "\(Text.safe(place)): ")\(Text.safe(finding.message))")
      }
      lines.append("      a mapping may \"set\" and \"drop\" fields; saga migrate --dry-run tells which sagas need it")
    }
    return lines
  }

  private static func styled(_ verdict: Verdict, _ text: String) -> String {
    switch verdict {
    case .mayMove: "\(Console.styled("may move", .green))       \(text)"
    case .needsMapping: "\(Console.styled("needs a mapping", .yellow)) \(text)"
    case .mustStay: "\(Console.styled("must stay", .red))       \(text)"
    }
  }

  private static func summary(_ difference: DefinitionDifference) -> String {
    switch difference.verdict {
    case .mayMove: "every instance may move, unless messages that it keeps do not fit: saga migrate --dry-run tells"
    case .needsMapping:
      "some instances need a mapping to move; without one they end under version \(difference.old.version)"
    case .mustStay: "some instances must stay and end under version \(difference.old.version)"
    }
  }

  static func json(_ difference: DefinitionDifference) -> JSON {
    func texts(_ names: [String]) -> JSON { .array(names.map { .string($0) }) }
    let roles = difference.roles.map { role -> JSON in
      [
        "role": .string(role.name), "verdict": .string(role.verdict.rawValue),
        "places": .array(role.places.map(json)), "newStates": texts(role.newStates),
        "data": .array(
          role.data.map {
            ["code": .string($0.code.rawValue), "path": .string($0.place.description), "message": .string($0.message)]
          }),
      ]
    }
    return [
      "saga": .string(difference.old.saga), "from": .int(difference.old.version), "to": .int(difference.new.version),
      "verdict": .string(difference.verdict.rawValue), "roles": .array(roles),
      "removedRoles": texts(difference.removedRoles), "addedRoles": texts(difference.addedRoles),
      "addedMessages": texts(difference.addedMessages), "removedMessages": texts(difference.removedMessages),
      "rekeyedMessages": texts(difference.rekeyedMessages),
    ]
  }

  private static func json(_ place: DefinitionDifference.Place) -> JSON {
    [
      "kind": .string(place.kind.rawValue), "name": .string(place.name), "state": .string(place.state),
      "verdict": .string(place.verdict.rawValue),
      "obstacles": .array(
        place.obstacles.map {
          [
            "code": .string($0.code.rawValue), "subject": .string($0.subject), "message": .string($0.message),
            "mend": $0.mend.map { .string($0) } ?? .null,
          ]
        }),
    ]
  }
}
