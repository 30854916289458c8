extension Instance {
  /// Which attempt of an open call is out.
  package func attempt(ofCall key: Hash128) -> Int64? {
    openCalls.first { $0.call.idempotencyKey == key }?.call.attempt
  }

  /// Keys of all calls that are not over: open, or of unknown outcome, so that an answer may still inform or repeat the
  /// undo. A key is given once, to one visit of one call; one that has left this list never comes back to it.
  package var keysOfCallsNotOver: [Hash128] {
    var keys = (allOwed.filter(\.isUnknown) + abandoned).map(\.actionKey)
    for open in openCalls { keys += [open.call.idempotencyKey] + open.call.unsettled.map(\.key) }
    return keys
  }

  /// The numbers of all open calls, ascending.
  package var numbersOfOpenCalls: [Int64] { openCalls.map(\.call.number).sorted() }
}
