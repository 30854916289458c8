import Configuration

/// A key of the configuration, for documents and errors.
public struct ConfigurationKey: Sendable, Hashable {
  /// Below the scope that the reader was given, such as `maximumBatch` of `saga.maximumBatch`.
  public var name: String
  /// What the number counts, or the values there are.
  public var unit: String
  /// What holds where nothing is configured.
  public var defaultText: String
}

/// A value of a configuration that is there and cannot be used.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The key as the reader has it, with its scope.
  public var key: String
  /// What stands there.
  public var value: String
  /// What may stand there.
  public var expected: String

  public var description: String {
    "the configuration's \(key) is '\(value)'; write \(expected), or leave it out for the default"
  }
}

/// How one value of `Root` is configured.
struct Setting<Root>: Sendable {
  var key: ConfigurationKey
  var apply: @Sendable (ConfigReader, inout Root) throws -> Void

  /// A whole number.
  static func number<Number: FixedWidthInteger & Sendable>(
    _ name: String, _ unit: String, _ path: WritableKeyPath<Root, Number> & Sendable, of defaults: Root,
    from minimum: Number = 1
  ) -> Setting<Root> {
    Setting(
      key: ConfigurationKey(name: name, unit: unit, defaultText: "\(defaults[keyPath: path])")
    ) { reader, root in
      if let value = try reader.number(name, unit, from: minimum) { root[keyPath: path] = value }
    }
  }

  /// A whole number that may be absent.
  static func optionalNumber<Number: FixedWidthInteger & Sendable>(
    _ name: String, _ unit: String, _ path: WritableKeyPath<Root, Number?> & Sendable, from minimum: Number = 1
  ) -> Setting<Root> {
    Setting(key: ConfigurationKey(name: name, unit: unit, defaultText: "none")) { reader, root in
      if let value = try reader.number(name, unit, from: minimum) { root[keyPath: path] = value }
    }
  }

  /// A number that may have a fraction and may be absent.
  static func optionalDecimal(
    _ name: String, _ unit: String, _ path: WritableKeyPath<Root, Double?> & Sendable
  ) -> Setting<Root> {
    Setting(key: ConfigurationKey(name: name, unit: unit, defaultText: "none")) { reader, root in
      let key = ConfigKey(name)
      let found = reader.double(forKey: key) ?? reader.int(forKey: key).map { Double($0) }
      if let value = found, value > 0, value.isFinite {
        root[keyPath: path] = value
      } else if let text = reader.text(name) {
        throw ConfigurationError(key: reader.fullKey(name), value: text, expected: "a number above 0 (\(unit))")
      }
    }
  }

  static func flag(
    _ name: String, _ path: WritableKeyPath<Root, Bool> & Sendable, of defaults: Root
  ) -> Setting<Root> {
    let key = ConfigurationKey(name: name, unit: "true or false", defaultText: "\(defaults[keyPath: path])")
    return Setting(key: key) { reader, root in
      if let value = reader.bool(forKey: ConfigKey(name)) {
        root[keyPath: path] = value
      } else if let text = reader.text(name) {
        throw ConfigurationError(key: reader.fullKey(name), value: text, expected: "true or false")
      }
    }
  }

  static func text(_ name: String, _ unit: String, _ path: WritableKeyPath<Root, String?> & Sendable) -> Setting<Root> {
    Setting(key: ConfigurationKey(name: name, unit: unit, defaultText: "none")) { reader, root in
      if let value = reader.string(forKey: ConfigKey(name)) {
        root[keyPath: path] = value
      } else if let text = reader.text(name) {
        throw ConfigurationError(key: reader.fullKey(name), value: text, expected: unit)
      }
    }
  }

  /// One of a few values.
  static func choice<Choice: Sendable & Equatable>(
    _ name: String, _ path: WritableKeyPath<Root, Choice> & Sendable, of defaults: Root,
    _ choices: [(String, Choice)]
  ) -> Setting<Root> {
    let names = choices.map(\.0).joined(separator: " or ")
    let standard = choices.first { $0.1 == defaults[keyPath: path] }?.0 ?? ""
    return Setting(key: ConfigurationKey(name: name, unit: names, defaultText: standard)) { reader, root in
      guard let text = reader.text(name) else { return }
      guard let chosen = choices.first(where: { $0.0 == text }) else {
        throw ConfigurationError(key: reader.fullKey(name), value: text, expected: names)
      }
      root[keyPath: path] = chosen.1
    }
  }
}

extension ConfigReader {
  /// A key with the reader's scope, as whoever looks for it has to write it.
  func fullKey(_ name: String) -> String {
    // The library tells a reader's scope nowhere but in its description; in another form of that the bare name is left.
    let text = description
    guard let mark = text.firstRange(of: "[keyPrefix: "),
      let end = text[mark.upperBound...].firstRange(of: ", providers: ")
    else { return name }
    return "\(text[mark.upperBound..<end.lowerBound]).\(name)"
  }

  /// - Throws: `ConfigurationError` for what is no whole number, too small or too great.
  fileprivate func number<Number: FixedWidthInteger>(
    _ name: String, _ unit: String, from minimum: Number
  ) throws -> Number? {
    func refusal(_ value: String) -> ConfigurationError {
      ConfigurationError(
        key: fullKey(name), value: value, expected: "a whole number (\(unit)), at least \(minimum)")
    }
    guard let value = int(forKey: ConfigKey(name)) else {
      guard let text = text(name) else { return nil }
      throw refusal(text)
    }
    guard let number = Number(exactly: value), number >= minimum else { throw refusal("\(value)") }
    return number
  }

  /// What is configured, whatever it is; nil for nothing.
  fileprivate func text(_ name: String) -> String? {
    let key = ConfigKey(name)
    if let text = string(forKey: key) { return text }
    if let flag = bool(forKey: key) { return "\(flag)" }
    if let number = double(forKey: key) { return "\(number)" }
    if let list = stringArray(forKey: key) { return "\(list)" }
    return intArray(forKey: key).map { "\($0)" }
  }
}
