import SagaCore

/// What a lock file says about the process that holds it.
public struct LockOwner: Sendable, Hashable, CustomStringConvertible {
  /// The process.
  public var processID: Int32
  /// The machine's name.
  public var host: String
  /// When the process took the lock.
  public var startedAt: Timestamp
  /// The operator socket of the process.
  public var socketPath: String

  /// What a process writes into the lock file that it holds.
  public init(processID: Int32, host: String, startedAt: Timestamp, socketPath: String) {
    self.processID = processID
    self.host = host
    self.startedAt = startedAt
    self.socketPath = socketPath
  }

  public var description: String { "process \(processID) on \(host)" }

  /// One JSON line.
  var line: [UInt8] {
    let object: JSON = [
      "pid": .int(Int64(processID)), "host": .string(host), "started": .int(startedAt.milliseconds),
      "socket": .string(socketPath),
    ]
    return JSONWriter.compact(object) + [UInt8(ascii: "\n")]
  }

  /// nil for anything but a whole line: a file just made, or one that another program locked.
  init?(line: [UInt8]) {
    guard line.last == UInt8(ascii: "\n"), let object = try? JSONParser.parse(Array(line.dropLast())),
      let processID = object["pid"]?.intValue.flatMap(Int32.init(exactly:)), let host = object["host"]?.stringValue,
      let started = object["started"]?.intValue, let socket = object["socket"]?.stringValue
    else { return nil }
    self.init(
      processID: processID, host: host, startedAt: Timestamp(milliseconds: started), socketPath: socket)
  }
}
