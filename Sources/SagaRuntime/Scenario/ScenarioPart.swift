import SagaCore

/// A value of a scenario file that knows its place. Read as what it is not, it throws a `ScenarioError` that names the place, what
/// belongs there and what is there instead.
package struct ScenarioPart {
  /// The value.
  package let json: JSON
  private let path: JSONPointerPath
  private let located: LocatedJSON
  private let file: String

  /// The whole of a file.
  package init(source: [UInt8], file: String) throws(ScenarioError) {
    let located: LocatedJSON
    do throws(JSONError) {
      located = try JSONParser.parseWithPositions(source, limits: .definition)
    } catch {
      throw ScenarioError(
        file: file, position: SourcePosition(offset: error.offset, in: source), message: error.message)
    }
    self.init(located.root, at: [], of: located, in: file)
  }

  private init(_ json: JSON, at path: JSONPointerPath, of located: LocatedJSON, in file: String) {
    self.json = json
    self.path = path
    self.located = located
    self.file = file
  }

  /// The member of this name; nil where there is none or this is no object.
  package subscript(name: String) -> ScenarioPart? { json[name].map { member(name, $0) } }

  /// The members of an object in their order; none where this is none.
  package var members: [(name: String, part: ScenarioPart)] {
    (json.objectValue ?? [:]).map { (name: $0.key, part: member($0.key, $0.value)) }
  }

  /// The elements of an array; none where this is none.
  package var elements: [ScenarioPart] {
    (json.arrayValue ?? []).enumerated().map {
      ScenarioPart($0.element, at: path.appending($0.offset), of: located, in: file)
    }
  }

  private func member(_ name: String, _ value: JSON) -> ScenarioPart {
    ScenarioPart(value, at: path.appending(name), of: located, in: file)
  }
}

extension ScenarioPart {
  /// That something is wrong here.
  package func fault(_ message: String) -> ScenarioError {
    ScenarioError(file: file, position: located.nearestPosition(of: path), path: path, message: message)
  }

  /// That something else belongs here.
  func mismatch(_ what: String) -> ScenarioError { fault("\(what); this is \(shown)") }

  /// Refuses what is no object, and members that it does not have.
  ///
  /// - Parameter title: what it is, with its article.
  func check(_ title: String, has names: [String]) throws(ScenarioError) {
    guard case .object = json else { throw mismatch("\(title) is an object") }
    for (name, part) in members where !names.contains(name) {
      throw part.fault("unknown member '\(name)'; \(title) has \(names.joined(separator: ", "))")
    }
  }

  /// The members of an object whose names are free.
  ///
  /// - Parameter what: a sentence that says what belongs here, for the error.
  func entries(_ what: String) throws(ScenarioError) -> [(name: String, part: ScenarioPart)] {
    guard case .object = json else { throw mismatch(what) }
    return members
  }

  /// The elements of an array.
  ///
  /// - Parameter what: a sentence that says what belongs here, for the error.
  func list(_ what: String) throws(ScenarioError) -> [ScenarioPart] {
    guard case .array = json else { throw mismatch(what) }
    return elements
  }

  /// A text.
  ///
  /// - Parameter what: a sentence that says what belongs here, for the error.
  func text(_ what: String, mayBeEmpty: Bool = false) throws(ScenarioError) -> String {
    guard case .string(let text) = json, mayBeEmpty || !text.isEmpty else { throw mismatch(what) }
    return text
  }

  /// A number without a fraction.
  ///
  /// - Parameter what: a sentence that says what belongs here, for the error.
  func integer(_ what: String, in range: ClosedRange<Int64> = Int64.min...Int64.max) throws(ScenarioError) -> Int64 {
    guard let value = json.intValue, range.contains(value) else { throw mismatch(what) }
    return value
  }

  /// True or false.
  func flag() throws(ScenarioError) -> Bool {
    guard case .bool(let value) = json else { throw mismatch("\(label) is true or false") }
    return value
  }

  /// The milliseconds of a duration literal.
  func milliseconds() throws(ScenarioError) -> Int64 {
    guard case .string(let text) = json, let milliseconds = DurationText.milliseconds(text) else {
      let longest = "\(DefinitionLimits.maximumDurationMilliseconds / 86_400_000)d"
      throw mismatch("\(label) is a duration such as \"200ms\" or \"30s\", at most \(longest)")
    }
    return milliseconds
  }

  private var label: String {
    guard case .key(let name)? = path.elements.last else { return "the value" }
    return "`\(name)`"
  }

  /// The value for messages: its text, cut where it is long, or its kind where it has parts.
  private var shown: String {
    switch json {
    case .array, .object: return "an \(json.kindName)"
    default:
      let text = json.description.unicodeScalars
      return text.count > 80 ? String(text.prefix(80)) + "…" : String(text)
    }
  }
}
