/// A map that keeps the order in which its entries were given.
///
/// Keys are `bool`, `int`, `uint` or `string`; numeric keys are found across numeric types, so that `{1: x}[1.0]`
/// gives `x` (CEL spec, "Numeric Values").
public struct CELMap: Sendable {
  private final class Storage: Sendable {
    let entries: [(key: CELValue, value: CELValue)]
    /// Present from ``indexThreshold`` entries on; below it a scan is faster than hashing.
    let positions: [Key: Int]?

    init(entries: [(key: CELValue, value: CELValue)], positions: [Key: Int]?) {
      self.entries = entries
      self.positions = positions
    }
  }

  private static let indexThreshold = 9
  private static let emptyStorage = Storage(entries: [], positions: nil)

  private let storage: Storage

  /// The empty map.
  public init() { storage = Self.emptyStorage }

  /// A map from string keys the caller knows to be distinct; the fast path for objects that come from JSON.
  public init(uniqueStringKeys pairs: [(String, CELValue)]) {
    let entries = pairs.map { (key: CELValue.string($0.0), value: $0.1) }
    var positions: [Key: Int]?
    if pairs.count >= Self.indexThreshold {
      var index: [Key: Int] = [:]
      index.reserveCapacity(pairs.count)
      for (position, pair) in pairs.enumerated() { index[.string(pair.0)] = position }
      positions = index
    }
    storage = Storage(entries: entries, positions: positions)
  }

  /// A map from pairs in order.
  ///
  /// - Throws: ``CELError`` of kind `duplicateKey` when two keys are equal, `type` when a key is no `bool`, `int`,
  ///   `uint` or `string`.
  public init(_ pairs: [(CELValue, CELValue)]) throws(CELError) {
    var positions: [Key: Int] = [:]
    positions.reserveCapacity(pairs.count)
    for (position, pair) in pairs.enumerated() {
      guard let key = Key(declaring: pair.0) else {
        throw CELError(kind: .type, message: "a map key cannot be of type '\(pair.0.typeName)'", offset: 0)
      }
      if positions.updateValue(position, forKey: key) != nil {
        throw CELError(kind: .duplicateKey, message: "the map has the key \(pair.0) twice", offset: 0)
      }
    }
    storage = Storage(
      entries: pairs.map { (key: $0.0, value: $0.1) },
      positions: pairs.count >= Self.indexThreshold ? positions : nil
    )
  }

  /// How many entries there are.
  public var count: Int { storage.entries.count }
  /// Whether there is no entry.
  public var isEmpty: Bool { storage.entries.isEmpty }

  /// The entries in their order.
  public var entries: [(key: CELValue, value: CELValue)] { storage.entries }

  /// The value at a key; numeric keys match across numeric types.
  public subscript(key: CELValue) -> CELValue? {
    if case .string(let name) = key { return self[name] }
    guard let wanted = Key(looking: key) else { return nil }
    if let positions = storage.positions { return positions[wanted].map { storage.entries[$0].value } }
    for entry in storage.entries where Key(declaring: entry.key) == wanted { return entry.value }
    return nil
  }

  /// The value at a string key.
  public subscript(name: String) -> CELValue? {
    if let positions = storage.positions { return positions[.string(name)].map { storage.entries[$0].value } }
    for entry in storage.entries {
      if case .string(let key) = entry.key, UTF8Text.equal(key, name) { return entry.value }
    }
    return nil
  }
}

extension CELMap {
  /// A key in the form in which equal keys are identical.
  private enum Key: Hashable {
    case bool(Bool)
    case int(Int64)
    /// Only above the range of `int`.
    case uint(UInt64)
    case string(String)

    init?(declaring value: CELValue) {
      switch value {
      case .bool(let flag): self = .bool(flag)
      case .int(let number): self = .int(number)
      case .uint(let number): self = Int64(exactly: number).map(Key.int) ?? .uint(number)
      case .string(let text): self = .string(text)
      default: return nil
      }
    }

    init?(looking value: CELValue) {
      guard case .double(let number) = value else {
        self.init(declaring: value)
        return
      }
      if let whole = Int64(exactly: number) {
        self = .int(whole)
      } else if let whole = UInt64(exactly: number) {
        self = .uint(whole)
      } else {
        return nil
      }
    }

    static func == (left: Key, right: Key) -> Bool {
      switch (left, right) {
      case (.bool(let a), .bool(let b)): a == b
      case (.int(let a), .int(let b)): a == b
      case (.uint(let a), .uint(let b)): a == b
      case (.string(let a), .string(let b)): UTF8Text.equal(a, b)
      default: false
      }
    }

    func hash(into hasher: inout Hasher) {
      switch self {
      case .bool(let flag): hasher.combine(flag)
      case .int(let number): hasher.combine(number)
      case .uint(let number): hasher.combine(number)
      case .string(let text): UTF8Text.hash(text, into: &hasher)
      }
    }
  }
}
