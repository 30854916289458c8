import SagaCore

extension JSON {
  /// An object without a member; anything else as it is.
  func removing(_ name: String) -> JSON {
    guard case .object(var members) = self, members[name] != nil else { return self }
    members[name] = nil
    return .object(members)
  }

  /// The same value with a member set, objects made on the way.
  func setting(_ path: some Collection<String>, to value: JSON) -> JSON {
    guard let name = path.first else { return value }
    var members = objectValue ?? JSONObject()
    members[name] = (members[name] ?? .object(JSONObject())).setting(path.dropFirst(), to: value)
    return .object(members)
  }

  /// The value at the end of a path of members.
  func value(at path: some Collection<String>) -> JSON? {
    path.reduce(JSON?.some(self)) { $0?[$1] }
  }
}

extension String {
  /// Without spaces at both ends.
  var trimmed: String {
    var part = Substring(self)
    while part.first?.isWhitespace ?? false { part.removeFirst() }
    while part.last?.isWhitespace ?? false { part.removeLast() }
    return String(part)
  }
}
