import Configuration
import SagaSQLite

extension SQLiteOptions {
  /// Reads how a database file is opened. `fileSystem` and `journalID` are for tests, `shard` is for whoever opens
  /// several files: they cannot be configured.
  ///
  /// - Parameter reader: scoped to where the keys are: `reader.scoped(to: "saga.sqlite")` for `saga.sqlite.synchronous`.
  /// - Throws: `ConfigurationError` for the first value that cannot be used.
  public init(reader: ConfigReader) throws {
    self.init()
    for setting in SQLiteOptions.settings { try setting.apply(reader, &self) }
    guard (512...65_536).contains(pageSizeBytes), pageSizeBytes.nonzeroBitCount == 1 else {
      throw ConfigurationError(
        key: reader.fullKey("pageSizeBytes"), value: "\(pageSizeBytes)",
        expected: "a power of two from 512 to 65536 (bytes)")
    }
  }

  /// Every key that `init(reader:)` looks for, in the order of the documentation.
  public static var configurationKeys: [ConfigurationKey] { settings.map(\.key) }

  private static let defaults = SQLiteOptions()

  private static let settings: [Setting<SQLiteOptions>] = [
    .choice(
      "synchronous", \.synchronous, of: defaults, [("FULL", .full), ("NORMAL", .normal), ("OFF", .off)]),
    .choice(
      "journalMode", \.journalMode, of: defaults, [("WAL", .writeAheadLog), ("DELETE", .rollback)]),
    .number("cacheSizeKiB", "KiB", \.cacheSizeKiB, of: defaults),
    .number("busyTimeoutMilliseconds", "milliseconds", \.busyTimeoutMilliseconds, of: defaults, from: 0),
    .number("lockWaitMilliseconds", "milliseconds", \.lockWaitMilliseconds, of: defaults, from: 0),
    .flag("createIfMissing", \.createIfMissing, of: defaults),
    .number("pageSizeBytes", "bytes", \.pageSizeBytes, of: defaults),
    .optionalNumber("maximumPageCount", "pages", \.maximumPageCount),
    .text("socketPath", "a path", \.socketPath),
  ]
}
