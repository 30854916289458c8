import CEL
import SagaCore
import SagaRuntime

/// A run that can be repeated: its choices, what it was run on, and what came of it.
public struct Trace: Sendable {
  /// A file that the run depends on.
  public struct File: Sendable, Hashable {
    /// As it was given to the run.
    public var path: String
    /// SHA-256 in hexadecimal digits.
    public var sha256: String
    /// A file by its path and hash.
    public init(path: String, sha256: String) {
      self.path = path
      self.sha256 = sha256
    }
  }

  /// The format of the file.
  public static let format: Int64 = 1

  /// The version of the engine that the run was made with.
  public var engineVersion: String
  /// The version of the tz data: expressions with time zones may come out otherwise under another one.
  public var timeZoneData: String
  /// The definitions that ran.
  public var definitions: [File]
  /// The scenario, where there was one.
  public var scenario: File?
  /// Which storage the services had.
  public var store: String
  /// How the world was made.
  public var options: SimulationOptions
  /// What the choices came from; nil where they were not drawn.
  public var seed: UInt64?
  /// The property that was broken; nil when all held.
  public var violation: Violation?
  /// Of the run of exactly these choices.
  public var hash: UInt64
  /// The rolling hash after each thing that happened, cut to 32 bits: shows where another run first differs.
  public var steps: [UInt32]
  /// Only answers that are not 0.
  public var choices: [Choice]

  /// - Parameters:
  ///   - engineVersion: the version of the engine that the run was made with.
  ///   - timeZoneData: the version of the tz data that the run was made with.
  ///   - definitions: the files that ran.
  ///   - scenario: the scenario's file, where there was one.
  ///   - store: which storage the services had.
  ///   - options: how the world was made.
  ///   - seed: what the choices came from; nil where they were not drawn.
  ///   - outcome: what the run came to, with its choices.
  public init(
    engineVersion: String, timeZoneData: String = CELTimeZones.dataVersion, definitions: [File], scenario: File?,
    store: String, options: SimulationOptions,
    seed: UInt64?, outcome: Simulation.Outcome
  ) {
    self.engineVersion = engineVersion
    self.timeZoneData = timeZoneData
    self.definitions = definitions
    self.scenario = scenario
    self.store = store
    self.options = options
    self.seed = seed
    violation = outcome.violation
    hash = outcome.hash
    steps = outcome.steps
    choices = outcome.choices.filter { $0.value != 0 }
  }

  /// The trace as a file has it.
  public var json: JSON {
    func file(_ file: File) -> JSON { ["path": .string(file.path), "sha256": .string(file.sha256)] }
    return [
      "format": .int(Trace.format), "engine": .string(engineVersion), "timeZoneData": .string(timeZoneData),
      "definitions": .array(definitions.map(file)),
      "scenario": scenario.map(file) ?? .null, "store": .string(store),
      "options": [
        "sagas": .int(Int64(options.sagas)),
        "faults": .array(FaultKind.allCases.filter(options.faults.contains).map { .string($0.rawValue) }),
        "faultMilliseconds": .int(options.faultMilliseconds), "maximumEvents": .int(Int64(options.maximumEvents)),
      ],
      "seed": seed.map { .string(String($0)) } ?? .null,
      "violation": violation.map { ["oracle": .string($0.oracle), "message": .string($0.message)] } ?? .null,
      "hash": .string(String(hash, radix: 16)),
      "steps": .array(steps.map { .int(Int64($0)) }),
      "choices": .array(
        choices.map { choice in
          [
            "label": .string(choice.label.name), "stream": .int(Int64(choice.stream)),
            "index": .int(Int64(choice.index)), "count": .int(Int64(choice.count)), "value": .int(Int64(choice.value)),
          ]
        }),
    ]
  }

  /// How many sagas a world may have, as `saga simulate --sagas` takes it.
  private static let sagas: ClosedRange<Int64> = 1...7
  /// How many times its default an option may be that says how long a world goes on.
  private static let greatestFactor: Int64 = 10

  /// Reads a trace. Nothing of it is left out and nothing passed over: a trace that lost a part, or was given one that
  /// is not understood, would be of another world.
  ///
  /// - Throws: `TraceError` naming what is missing, unknown, of the wrong form, out of bounds or of another version.
  public init(json: JSON) throws(TraceError) {
    guard json["format"]?.intValue == Trace.format else {
      throw TraceError(message: "is no trace of this format (it has no `format` \(Trace.format))")
    }
    func need<Value>(_ value: Value?, _ name: @autoclosure () -> String) throws(TraceError) -> Value {
      guard let value else { throw TraceError(message: "`\(name())` is missing or has the wrong form") }
      return value
    }
    func check(_ json: JSON, _ title: String, has names: [String]) throws(TraceError) {
      for (name, _) in json.objectValue ?? [:] where !names.contains(name) {
        throw TraceError(message: "\(title) has the unknown member `\(name)`; it has \(names.joined(separator: ", "))")
      }
    }
    func file(_ json: JSON, _ name: String) throws(TraceError) -> File {
      try check(json, "`\(name)`", has: ["path", "sha256"])
      return File(
        path: try need(json["path"]?.stringValue, "\(name).path"),
        sha256: try need(json["sha256"]?.stringValue, "\(name).sha256"))
    }
    func bounded(_ name: String, in range: ClosedRange<Int64>) throws(TraceError) -> Int64 {
      let value = try need(json["options"]?[name]?.intValue, "options.\(name)")
      guard range.contains(value) else {
        throw TraceError(
          message: "`options.\(name)` is \(value); it is a number from \(range.lowerBound) to \(range.upperBound)")
      }
      return value
    }
    try check(
      json, "a trace",
      has: [
        "format", "engine", "timeZoneData", "definitions", "scenario", "store", "options", "seed", "violation", "hash",
        "steps", "choices",
      ])
    let engine = try need(json["engine"]?.stringValue, "engine")
    engineVersion = engine
    timeZoneData = try need(json["timeZoneData"]?.stringValue, "timeZoneData")
    definitions = []
    for (index, entry) in try need(json["definitions"]?.arrayValue, "definitions").enumerated() {
      definitions.append(try file(entry, "definitions[\(index)]"))
    }
    if definitions.isEmpty { throw TraceError(message: "`definitions` is empty; a world has at least one") }
    let scenarioFile = try need(json["scenario"], "scenario")
    if !scenarioFile.isNull { scenario = try file(scenarioFile, "scenario") }
    store = try need(json["store"]?.stringValue, "store")
    let defaults = SimulationOptions()
    options = defaults
    try check(
      need(json["options"], "options"), "`options`", has: ["sagas", "faults", "faultMilliseconds", "maximumEvents"])
    options.sagas = Int(try bounded("sagas", in: Trace.sagas))
    options.faultMilliseconds = try bounded(
      "faultMilliseconds", in: 1...defaults.faultMilliseconds * Trace.greatestFactor)
    options.maximumEvents = Int(
      try bounded("maximumEvents", in: 1...Int64(defaults.maximumEvents) * Trace.greatestFactor))
    options.faults = []
    for (index, entry) in try need(json["options"]?["faults"]?.arrayValue, "options.faults").enumerated() {
      let name = try need(entry.stringValue, "options.faults[\(index)]")
      guard let kind = FaultKind(rawValue: name) else {
        throw TraceError(
          message: "`options.faults[\(index)]` is '\(name)', a kind that this version does not have; version \(engine) "
            + "made the trace")
      }
      options.faults.insert(kind)
    }
    let drawnFrom = try need(json["seed"], "seed")
    if !drawnFrom.isNull {
      let number: UInt64 = try need(drawnFrom.stringValue.flatMap { UInt64($0) }, "seed")
      seed = number
    }
    let broken = try need(json["violation"], "violation")
    if !broken.isNull {
      try check(broken, "`violation`", has: ["oracle", "message"])
      violation = Violation(
        try need(broken["oracle"]?.stringValue, "violation.oracle"),
        try need(broken["message"]?.stringValue, "violation.message"))
    }
    hash = try need(json["hash"]?.stringValue.flatMap { UInt64($0, radix: 16) }, "hash")
    steps = []
    for (index, entry) in try need(json["steps"]?.arrayValue, "steps").enumerated() {
      steps.append(try need(entry.intValue.flatMap(UInt32.init(exactly:)), "steps[\(index)]"))
    }
    // Only a world that broke while it was being made has had none.
    if steps.isEmpty, violation == nil { throw TraceError(message: "`steps` is empty; a world has at least one") }
    choices = []
    for (index, entry) in try need(json["choices"]?.arrayValue, "choices").enumerated() {
      try check(entry, "`choices[\(index)]`", has: ["label", "stream", "index", "count", "value"])
      guard let label = entry["label"]?.stringValue.flatMap(ChoiceLabel.init(name:)),
        let stream = entry["stream"]?.intValue.flatMap(UInt8.init(exactly:)),
        let number = entry["index"]?.intValue.flatMap(UInt32.init(exactly:)),
        let count = entry["count"]?.intValue.flatMap(UInt32.init(exactly:)),
        let value = entry["value"]?.intValue.flatMap(UInt32.init(exactly:))
      else { throw TraceError(message: "`choices[\(index)]` has the wrong form: \(entry)") }
      choices.append(Choice(label: label, stream: stream, index: number, count: count, value: value))
    }
  }
}

/// A trace file cannot be read.
public struct TraceError: Error, Sendable, CustomStringConvertible {
  /// What is wrong, and where.
  public var message: String
  public var description: String { message }
}
