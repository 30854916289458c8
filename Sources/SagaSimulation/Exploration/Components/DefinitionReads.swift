import SagaCore

/// What the expressions of definitions can see of things that no decision of the engine itself depends on. What cannot
/// be seen may be given one name in states that are otherwise equal.
///
/// Found by text, word by word, in every string of the file but descriptions: it may find too much, never too little.
struct DefinitionReads: Sendable {
  /// Some expression reads a time: `now`, `time`, `startedAt`.
  private(set) var time = false
  /// Some expression reads an event other than by its data, type, source or subject: perhaps its id.
  private(set) var identity = false
  /// Names that stand in conditions, lists, delays or reasons, and names that values of these come from: what members
  /// of payloads are called that a choice may depend on.
  private(set) var decisive: Set<String> = []

  init(_ definitions: [Definition]) {
    for definition in definitions {
      guard let json = try? JSONParser.parse(definition.source, limits: .definition) else {
        time = true
        identity = true
        continue
      }
      visit(json)
      var assignments: [(name: String, words: Set<String>)] = []
      collect(json, name: "", &assignments)
      var known = -1
      while decisive.count > known {
        known = decisive.count
        for assignment in assignments where decisive.contains(assignment.name) { decisive.formUnion(assignment.words) }
      }
    }
  }

  private mutating func visit(_ json: JSON) {
    switch json {
    case .string(let text): read(text)
    case .array(let elements): for element in elements { visit(element) }
    case .object(let members):
      for (name, value) in members where name != "description" && name != "$schema" { visit(value) }
    default: break
    }
  }

  private mutating func read(_ text: String) {
    let words = DefinitionReads.words(text)
    for (index, word) in words.enumerated() {
      if word == "now" || word == "time" || word == "startedAt" { time = true }
      guard word == "event", index == 0 || words[index - 1] != "." else { continue }
      let next = Array(words.dropFirst(index + 1).prefix(2))
      let readsMember =
        next.count == 2 && next[0] == "." && ["data", "type", "source", "subject", "time"].contains(next[1])
      let comparesWithNull = next.count == 2 && (next[0] == "!=" || next[0] == "==") && next[1] == "null"
      if !readsMember && !comparesWithNull { identity = true }
    }
  }

  /// Members whose values are conditions or structure that decides; `name` is the member the value stands under.
  private mutating func collect(_ json: JSON, name: String, _ assignments: inout [(name: String, words: Set<String>)]) {
    switch json {
    case .string(let text):
      let words = Set(DefinitionReads.words(text).filter { $0.first?.isLetter ?? false })
      if ["when", "forEach", "delay", "timeout", "again", "settle"].contains(name) {
        decisive.formUnion(words)
      } else {
        assignments.append((name, words))
      }
    case .array(let elements): for element in elements { collect(element, name: name, &assignments) }
    case .object(let members):
      for (member, value) in members where member != "description" && member != "schema" {
        collect(value, name: member, &assignments)
      }
    default: break
    }
  }

  /// Identifiers, and everything between them in pieces without spaces.
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var isName = false
    for character in text {
      let belongs = character.isLetter || character.isNumber || character == "_"
      if character.isWhitespace || belongs != isName {
        if !word.isEmpty { words.append(word) }
        word = ""
      }
      if !character.isWhitespace { word.append(character) }
      isName = belongs
    }
    if !word.isEmpty { words.append(word) }
    return words
  }
}
