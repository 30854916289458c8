/// A set of code points: sorted ranges, and Unicode categories for `\p{…}`.
struct CharacterClass: Sendable {
  private(set) var ranges: [ClosedRange<UInt32>] = []
  private(set) var categories: [(codes: Set<String>, isNegated: Bool)] = []
  var isNegated = false
  var foldsCase = false

  static let lastCodePoint: UInt32 = 0x10FFFF

  init(_ ranges: [ClosedRange<UInt32>] = []) { self.ranges = ranges }

  mutating func insert(_ range: ClosedRange<UInt32>) { ranges.append(range) }

  mutating func insert(_ other: CharacterClass) {
    if other.isNegated && other.categories.isEmpty {
      ranges += Self.complement(of: other.ranges)
    } else {
      ranges += other.ranges
      categories += other.categories.map { (codes: $0.codes, isNegated: $0.isNegated != other.isNegated) }
    }
  }

  mutating func insert(category codes: Set<String>, isNegated: Bool) {
    categories.append((codes, isNegated))
  }

  /// Sorts and merges the ranges; needed before ``contains(_:)``.
  mutating func normalize() { ranges = Self.merged(ranges) }

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    if includes(scalar) { return !isNegated }
    if foldsCase {
      for variant in CaseFolding.variants(of: scalar) where includes(variant) { return !isNegated }
    }
    return isNegated
  }

  private func includes(_ scalar: Unicode.Scalar) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < scalar.value { low = middle + 1 } else { high = middle }
    }
    if low < ranges.count, ranges[low].contains(scalar.value) { return true }
    if categories.isEmpty { return false }
    let code = UnicodeCategory.code(of: scalar)
    return categories.contains {
      ($0.codes.contains(code) || $0.codes.contains(String(code.prefix(1)))) != $0.isNegated
    }
  }

  private static func merged(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var merged: [ClosedRange<UInt32>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound &+ 1 {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    return merged
  }

  private static func complement(of ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var gaps: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in merged(ranges) {
      if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
      next = range.upperBound + 1
    }
    if next <= lastCodePoint { gaps.append(next...lastCodePoint) }
    return gaps
  }
}

extension CharacterClass {
  static let digit = CharacterClass([0x30...0x39])
  static let word = CharacterClass([0x30...0x39, 0x41...0x5a, 0x5f...0x5f, 0x61...0x7a])
  static let space = CharacterClass([0x09...0x0a, 0x0c...0x0d, 0x20...0x20])

  var negated: CharacterClass {
    var copy = self
    copy.isNegated.toggle()
    return copy
  }

  /// The classes written `[[:name:]]`.
  static let posix: [String: CharacterClass] = [
    "alnum": CharacterClass([0x30...0x39, 0x41...0x5a, 0x61...0x7a]),
    "alpha": CharacterClass([0x41...0x5a, 0x61...0x7a]),
    "ascii": CharacterClass([0x00...0x7f]),
    "blank": CharacterClass([0x09...0x09, 0x20...0x20]),
    "cntrl": CharacterClass([0x00...0x1f, 0x7f...0x7f]),
    "digit": digit,
    "graph": CharacterClass([0x21...0x7e]),
    "lower": CharacterClass([0x61...0x7a]),
    "print": CharacterClass([0x20...0x7e]),
    "punct": CharacterClass([0x21...0x2f, 0x3a...0x40, 0x5b...0x60, 0x7b...0x7e]),
    "space": CharacterClass([0x09...0x0d, 0x20...0x20]),
    "upper": CharacterClass([0x41...0x5a]),
    "word": word,
    "xdigit": CharacterClass([0x30...0x39, 0x41...0x46, 0x61...0x66]),
  ]
}

/// The other spellings of a letter, by Unicode's simple case mappings.
enum CaseFolding {
  static func variants(of scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    if scalar.isASCII {
      switch scalar {
      case "a"..."z": return [Unicode.Scalar(UInt8(scalar.value - 32))]
      case "A"..."Z": return [Unicode.Scalar(UInt8(scalar.value + 32))]
      default: return []
      }
    }
    let mappings = [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping]
    return mappings.compactMap { mapping in
      let scalars = mapping.unicodeScalars
      guard scalars.count == 1, let only = scalars.first, only != scalar else { return nil }
      return only
    }
  }
}

/// Two-letter codes of the general categories, as `\p{Lu}` writes them.
enum UnicodeCategory {
  static let codes: Set<String> = Set(table.map(\.code) + table.map { String($0.code.prefix(1)) })

  static func code(of scalar: Unicode.Scalar) -> String {
    let category = scalar.properties.generalCategory
    return table.first { $0.category == category }?.code ?? "Cn"
  }

  private static let table: [(category: Unicode.GeneralCategory, code: String)] = [
    (.uppercaseLetter, "Lu"), (.lowercaseLetter, "Ll"), (.titlecaseLetter, "Lt"), (.modifierLetter, "Lm"),
    (.otherLetter, "Lo"), (.nonspacingMark, "Mn"), (.spacingMark, "Mc"), (.enclosingMark, "Me"),
    (.decimalNumber, "Nd"), (.letterNumber, "Nl"), (.otherNumber, "No"), (.connectorPunctuation, "Pc"),
    (.dashPunctuation, "Pd"), (.openPunctuation, "Ps"), (.closePunctuation, "Pe"), (.initialPunctuation, "Pi"),
    (.finalPunctuation, "Pf"), (.otherPunctuation, "Po"), (.mathSymbol, "Sm"), (.currencySymbol, "Sc"),
    (.modifierSymbol, "Sk"), (.otherSymbol, "So"), (.spaceSeparator, "Zs"), (.lineSeparator, "Zl"),
    (.paragraphSeparator, "Zp"), (.control, "Cc"), (.format, "Cf"), (.surrogate, "Cs"), (.privateUse, "Co"),
    (.unassigned, "Cn"),
  ]
}
