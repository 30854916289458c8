import SagaRuntime

extension SQLiteStore {
  /// This store with its commits on a thread of their own, while an engine decides the next ones. Nobody else uses it from now
  /// on.
  ///
  /// Without a write-ahead log, where readers and the writer shut each other out, it is the store itself.
  ///
  /// - Throws: `StoreOpenError`.
  public func pipelined() throws -> any Store {
    guard options.journalMode == .writeAheadLog, !connection.isBorrowed else { return self }
    var lookup = options
    // It looks up keys and instances that are not in memory, a few at a time.
    lookup.cacheSizeKiB = min(options.cacheSizeKiB, 1024)
    return PipelinedStore(self, lookup: try SQLiteStore(path: path, options: lookup, mode: .lookup))
  }
}
