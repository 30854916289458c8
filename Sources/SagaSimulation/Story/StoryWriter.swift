import SagaCore

/// Tells a run: who sent what, what was lost, what crashed, which property broke.
public enum StoryWriter {
  /// A sequence diagram in text: a column for everyone, time running down.
  public static func text(_ story: [StoryEntry]) -> String {
    let actors = actors(of: story)
    let width = max(14, (actors.map(\.count).max() ?? 0) + 4)
    let centre = { (actor: String) in (actors.firstIndex(of: actor) ?? 0) * width + width / 2 }
    let begin = story.first?.time ?? Timestamp(milliseconds: 0)
    var lines = [clock("") + actors.map { centred($0, width) }.joined().trimmedRight]
    for entry in story {
      let time = clock(elapsed(entry.time.milliseconds(since: begin)))
      var columns = [Character](repeating: " ", count: actors.count * width)
      for actor in actors { columns[centre(actor)] = "|" }
      if let to = entry.to, to != entry.from {
        lines.append(time + arrow(entry, from: centre(entry.from), to: centre(to), columns))
      } else {
        let place = centre(entry.from)
        columns[place] = entry.kind == .violation ? "!" : entry.kind == .process ? "x" : "*"
        lines.append(
          time + String(columns[...place]) + " " + (entry.kind == .violation ? "VIOLATION " : "") + entry.text)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A Mermaid sequence diagram.
  public static func mermaid(_ story: [StoryEntry]) -> String {
    let actors = actors(of: story)
    let name = { (actor: String) in "p\(actors.firstIndex(of: actor) ?? 0)" }
    var lines = ["sequenceDiagram"]
    for actor in actors { lines.append("  participant \(name(actor)) as \(escaped(actor))") }
    for entry in story {
      if let to = entry.to, to != entry.from {
        let line = entry.kind == .lost ? "-x" : entry.kind == .duplicate ? "-->>" : "->>"
        lines.append("  \(name(entry.from))\(line)\(name(to)): \(escaped(entry.text))")
      } else {
        let mark = entry.kind == .violation ? "VIOLATION " : ""
        lines.append("  Note over \(name(entry.from)): \(mark)\(escaped(entry.text))")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Everyone in the story, in the order in which they come in.
  private static func actors(of story: [StoryEntry]) -> [String] {
    var actors: [String] = []
    for entry in story {
      for actor in [entry.from, entry.to].compactMap(\.self) where !actors.contains(actor) { actors.append(actor) }
    }
    return actors
  }

  private static func arrow(_ entry: StoryEntry, from: Int, to: Int, _ columns: [Character]) -> String {
    var columns = columns
    let (left, right) = (min(from, to), max(from, to))
    let line: Character = entry.kind == .message ? "-" : "."
    for place in left + 1..<right { columns[place] = line }
    columns[to] = entry.kind == .lost ? "x" : to > from ? ">" : "<"
    columns[from] = "|"
    return String(columns).trimmedRight + "  " + entry.text
  }

  private static func centred(_ text: String, _ width: Int) -> String {
    let left = max(0, (width - text.count) / 2)
    return String(repeating: " ", count: left) + text + String(repeating: " ", count: max(0, width - left - text.count))
  }

  private static func clock(_ text: String) -> String {
    text + String(repeating: " ", count: max(1, 14 - text.count))
  }

  /// `2d 03:04:05.006`
  private static func elapsed(_ milliseconds: Int64) -> String {
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let days = milliseconds / 86_400_000
    let rest = milliseconds % 86_400_000
    let fraction = rest % 1000
    let padded = fraction < 10 ? "00\(fraction)" : fraction < 100 ? "0\(fraction)" : "\(fraction)"
    return (days > 0 ? "\(days)d " : "")
      + "\(two(rest / 3_600_000)):\(two(rest / 60_000 % 60)):\(two(rest / 1000 % 60)).\(padded)"
  }

  /// Without what Mermaid takes for syntax.
  private static func escaped(_ text: String) -> String {
    text.replacing(";", with: ",").replacing("#", with: "number ").replacing(":", with: " -").replacing("\n", with: " ")
  }
}

extension String {
  fileprivate var trimmedRight: String {
    var part = Substring(self)
    while part.last == " " { part.removeLast() }
    return String(part)
  }
}
