/// Remembers which letters have come too late for anything, by the state of the service that they concern.
struct OverdueLetters {
  /// By service: from a set of letters and a state, the set without overdue replies.
  private var left: [WordTable]
  /// By service: from the same, the set of commands whose answers would be overdue.
  private var commands: [WordTable]
  /// Whether the engine did nothing with a reply where it was overdue first.
  var proven: [UInt32: Bool] = [:]

  init(services: Int) {
    left = [WordTable](repeating: WordTable(), count: services)
    commands = [WordTable](repeating: WordTable(), count: services)
  }

  /// The set without overdue replies and, of it, the commands whose answers would be overdue; nil when not known yet.
  @inline(__always)
  func known(_ letters: UInt32, _ state: UInt32, service: Int) -> (left: UInt32, commands: UInt32)? {
    let key = UInt64(letters) << 32 | UInt64(state)
    guard let left = left[service][key] else { return nil }
    if left & OverdueLetters.hasCommands == 0 { return (left, LetterSets.empty) }
    guard let commands = commands[service][key] else { return nil }
    return (left & ~OverdueLetters.hasCommands, commands)
  }

  /// Set in a number of a set beside which there are commands, which are few.
  private static let hasCommands: UInt32 = 1 << 31

  mutating func add(_ letters: UInt32, _ state: UInt32, service: Int, left: UInt32, commands: UInt32) {
    let key = UInt64(letters) << 32 | UInt64(state)
    if commands == LetterSets.empty { return self.left[service].add(key, left) }
    self.left[service].add(key, left | OverdueLetters.hasCommands)
    self.commands[service].add(key, commands)
  }

  var bytes: Int { (left + commands).reduce(0) { $0 + $1.bytes } }
}
