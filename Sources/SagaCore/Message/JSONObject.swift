/// The members of a JSON object: unique keys in the order in which they were inserted.
///
/// Lookup scans small objects and uses an index for large ones. Two objects are equal when they have the same members in any
/// order. Keys are compared by code points.
public struct JSONObject: Sendable {
  struct Member: Sendable {
    var key: String
    var value: JSON
  }

  /// How many members are found by a scan; beyond it an index is kept.
  static let scanLimit = 16

  private(set) var members: [Member] = []
  private var index: [ExactText: Int]?

  /// An object without members.
  public init() {}

  /// An object without members that has room for some.
  init(reservingCapacity capacity: Int) { members.reserveCapacity(capacity) }

  /// An object of these members; a later value of the same key replaces an earlier one in its place.
  public init(_ members: [(String, JSON)]) {
    self.members.reserveCapacity(members.count)
    for (key, value) in members { self[key] = value }
  }

  /// The value of a key. Setting keeps the place of an existing key and puts a new one last; setting nil removes it.
  public subscript(key: String) -> JSON? {
    get { position(of: key).map { members[$0].value } }
    set {
      switch (position(of: key), newValue) {
      case (let found?, let value?): members[found].value = value
      case (let found?, nil): remove(at: found)
      case (nil, let value?): append(key, value)
      case (nil, nil): break
      }
    }
  }

  /// The keys, in order.
  public var keys: [String] { members.map(\.key) }

  /// Where a key stands, nil if it is absent.
  func position(of key: String) -> Int? {
    if let index { return index[ExactText(text: key)] }
    for position in members.indices where members[position].key.hasSameCodePoints(as: key) { return position }
    return nil
  }

  /// Adds a member, unless its key is there already.
  ///
  /// - Returns: whether it was added.
  mutating func insert(_ key: consuming String, _ value: consuming JSON) -> Bool {
    if position(of: key) != nil { return false }
    append(key, value)
    return true
  }

  /// Adds a member whose key is known to be absent.
  mutating func append(absent key: consuming String, _ value: consuming JSON) { append(key, value) }

  mutating func replaceValue(at position: Int, _ value: JSON) { members[position].value = value }

  private mutating func append(_ key: consuming String, _ value: consuming JSON) {
    // Most objects have a few members; growing from one by doubling would allocate each time.
    if members.capacity == 0 { members.reserveCapacity(4) }
    members.append(Member(key: key, value: value))
    if index != nil {
      index?[ExactText(text: members[members.count - 1].key)] = members.count - 1
    } else if members.count > JSONObject.scanLimit {
      rebuildIndex()
    }
  }

  private mutating func remove(at position: Int) {
    members.remove(at: position)
    if members.count > JSONObject.scanLimit { rebuildIndex() } else { index = nil }
  }

  private mutating func rebuildIndex() {
    var rebuilt = [ExactText: Int](minimumCapacity: members.count * 2)
    for position in members.indices { rebuilt[ExactText(text: members[position].key)] = position }
    index = rebuilt
  }
}

extension JSONObject: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { members.count }
  public subscript(position: Int) -> (key: String, value: JSON) { (members[position].key, members[position].value) }
}

extension JSONObject: Hashable {
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    guard left.members.count == right.members.count else { return false }
    for position in left.members.indices {
      let member = left.members[position]
      // Members mostly stand in the same order on both sides: look there before searching.
      if right.members[position].key.hasSameCodePoints(as: member.key) {
        if right.members[position].value != member.value { return false }
      } else if right[member.key] != member.value {
        return false
      }
    }
    return true
  }

  public func hash(into hasher: inout Hasher) {
    var sum = 0
    for member in members {
      var part = Hasher()
      part.combine(member.key)
      part.combine(member.value)
      sum &+= part.finalize()
    }
    hasher.combine(members.count)
    hasher.combine(sum)
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
