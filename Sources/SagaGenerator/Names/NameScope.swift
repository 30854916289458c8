/// The names of one scope of the generated code. What is taken in an outer scope may not be taken in an inner one: it would hide it.
struct NameScope {
  private var taken: Set<String>

  init(_ taken: Set<String> = []) { self.taken = taken }

  /// A scope inside this one.
  var inner: NameScope { self }

  /// Takes a name.
  ///
  /// - Returns: whether it was free.
  mutating func claim(_ name: String) -> Bool { taken.insert(name).inserted }

  /// Takes a name, with the least number from 2 behind it that makes it free.
  mutating func claimNumbered(_ name: String) -> String {
    if claim(name) { return name }
    var number = 2
    while !claim("\(name)\(number)") { number += 1 }
    return "\(name)\(number)"
  }
}
