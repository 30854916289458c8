/// A reference to a resource, as far as schemas need it (RFC 3986): its parts, and what it means at a base.
package struct URIReference: Hashable, Sendable {
  /// Everything before `#`.
  let resource: String
  /// What stands behind `#`, still encoded; nil where there is no `#`.
  let fragment: String?

  package init(_ text: String) {
    let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    resource = String(parts[0])
    fragment = parts.count > 1 ? String(parts[1]) : nil
  }

  /// The names of the JSON Pointer in the fragment, decoded; nil where the fragment is the name of an anchor.
  package var pointer: [String]? {
    guard let fragment, !fragment.isEmpty else { return [] }
    guard fragment.hasPrefix("/") else { return nil }
    return fragment.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(URIReference.unescaped)
  }

  /// Whether a resource names its own scheme, such as `https:` or `urn:`.
  static func hasScheme(_ resource: String) -> Bool {
    guard let colon = resource.firstIndex(of: ":") else { return false }
    return !resource[..<colon].isEmpty
      && resource[..<colon].allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
  }

  /// What a resource means at a base: itself where it has a scheme (RFC 3986, 5.2, without queries).
  static func resolve(_ resource: String, at base: String) -> String {
    if resource.isEmpty { return base }
    if hasScheme(resource) { return resource }
    let root = authority(of: base)
    if resource.hasPrefix("/") { return root + withoutDots(resource) }
    let folder = base.dropFirst(root.count).split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return root + withoutDots((folder + [Substring(resource)]).joined(separator: "/"))
  }

  /// `https://host` of `https://host/path`, `urn:` of `urn:a`; empty for a path.
  private static func authority(of base: String) -> String {
    guard hasScheme(base), let colon = base.firstIndex(of: ":") else { return "" }
    let scheme = base[...colon]
    let rest = base[base.index(after: colon)...]
    guard rest.hasPrefix("//") else { return String(scheme) }
    let host = rest.dropFirst(2).prefix { $0 != "/" }
    return "\(scheme)//\(host)"
  }

  /// The path without `.` and, as far as they have something to leave, `..`.
  private static func withoutDots(_ path: String) -> String {
    var kept: [Substring] = []
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      switch part {
      case ".": continue
      case ".." where kept.last.map { $0 != ".." && !$0.isEmpty } ?? false: kept.removeLast()
      default: kept.append(part)
      }
    }
    return kept.joined(separator: "/")
  }

  /// A part of a pointer in a fragment: percent-encoding first, then `~1` and `~0`.
  private static func unescaped(_ part: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(part.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
        bytes.append(code)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    var text: [UInt8] = []
    rest = bytes[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "~"), let code = rest.popFirst() {
        text.append(code == UInt8(ascii: "1") ? UInt8(ascii: "/") : UInt8(ascii: "~"))
      } else {
        text.append(byte)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// A path of a document as a `$ref` within it.
  static func text(of path: JSONPointerPath) -> String {
    // A percent sign would be taken for the beginning of an encoded byte.
    "#" + path.description.replacing("%", with: "%25")
  }
}

extension String {
  fileprivate func replacing(_ character: Character, with text: String) -> String {
    reduce(into: "") { $0 += $1 == character ? text : String($1) }
  }
}
