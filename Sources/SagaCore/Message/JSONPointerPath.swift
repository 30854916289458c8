/// The way from the root of a JSON value to a value in it.
public struct JSONPointerPath: Sendable, Hashable {
  /// One step down.
  public enum Element: Sendable, Hashable {
    /// To the member of this key.
    case key(String)
    /// To the element with this index, from 0.
    case index(Int)
  }

  /// From the root down.
  public var elements: [Element]

  /// The root, or the value at the end of these elements.
  public init(_ elements: [Element] = []) { self.elements = elements }

  /// The path to a member of the value at its end.
  public func appending(_ key: String) -> JSONPointerPath { JSONPointerPath(elements + [.key(key)]) }

  /// The path to an element of the value at its end.
  public func appending(_ index: Int) -> JSONPointerPath { JSONPointerPath(elements + [.index(index)]) }

  /// This path and then another one.
  public func appending(_ path: JSONPointerPath) -> JSONPointerPath { JSONPointerPath(elements + path.elements) }
}

/// One step of a `JSONPointerPath`.
public typealias PathElement = JSONPointerPath.Element

extension JSONPointerPath: CustomStringConvertible {
  /// The JSON Pointer (RFC 6901): `/steps/0/call`, empty for the root.
  public var description: String {
    elements.reduce(into: "") { text, element in
      text += "/"
      switch element {
      case .key(let key): text += JSONPointerPath.escape(key)
      case .index(let index): text += String(index)
      }
    }
  }

  private static func escape(_ key: String) -> String {
    guard key.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return key }
    var escaped = ""
    for scalar in key.unicodeScalars {
      switch scalar {
      case "~": escaped += "~0"
      case "/": escaped += "~1"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}

extension JSONPointerPath: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Element...) { self.init(elements) }
}

extension JSONPointerPath.Element: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  public init(stringLiteral value: String) { self = .key(value) }
  public init(integerLiteral value: Int) { self = .index(value) }
}

extension JSON {
  /// The value a path leads to, nil if there is none.
  public subscript(path: JSONPointerPath) -> JSON? {
    var value = self
    for element in path.elements {
      let next: JSON? =
        switch element {
        case .key(let key): value[key]
        case .index(let index): value[index]
        }
      guard let next else { return nil }
      value = next
    }
    return value
  }
}
