import SagaCore
import SagaRuntime

/// Where a sweep is between two calls. It starts from the journal's beginning each time, because rows that stayed for an open
/// instance may go once that has closed; what is left of the journal is what a sweep costs.
struct SweepPass {
  var position: JournalSequence = 0
  /// The cut of the last one that came to its end.
  var finishedCut: Timestamp?
}

/// Where a forget is between two calls.
struct ForgetPass {
  /// Of the pass's first call: an instance must not lose its row without having lost its keys.
  var closedBefore: Timestamp
  /// The last key examined; nil once all have been.
  var key: [UInt8]? = []
  /// The last instance examined; nil once all have been.
  var instance: Wake? = Wake(at: Timestamp(milliseconds: .min), instance: 0)
  /// The last row of `consumed` examined.
  var consumed = (consumer: "", id: [UInt8]())
}

extension SQLiteStore {
  /// A row as the sweep sees it.
  private struct Candidate {
    var sequence: JournalSequence
    var isSwept: Bool
    /// The instance whose last row this is.
    var finished: InstanceID?
  }

  /// Deletes rows of instances that closed before the cut, and older rows of no instance; at most `rows` are looked at. Rows that
  /// something still points to stay, and so does the journal's last one, whose number must not be used again.
  func sweep(
    closedBefore: Timestamp, through: JournalSequence, archive: (([JournalRow]) throws -> Void)?, rows: Int
  ) throws -> MaintenanceProgress {
    // Callers sweep and then forget, call after call, until both are finished: the sweep is not begun again in between.
    if forget != nil, sweep.finishedCut == closedBefore {
      return MaintenanceProgress(examined: 0, changed: 0, isFinished: true)
    }
    var swept: JournalSequence = 0
    let candidates: [Candidate] = try reading {
      let meta = try connection.statement(.meta)
      let folded = try meta.first { () -> JournalSequence in
        swept = meta.integer(4)
        return meta.integer(3)
      }
      // Unfolded rows are the only form of what they say, and the last row keeps the numbering.
      let last = min(through, folded ?? 0, lastSequence - 1)
      return try self.candidates(through: last, closedBefore: closedBefore, limit: rows)
    }
    let deleted = candidates.filter(\.isSwept)
    if let archive, !deleted.isEmpty { try archive(readForArchive(deleted.map(\.sequence))) }
    if let lastDeleted = deleted.last {
      try writing { () throws(SQLiteError) in
        for row in deleted { try delete(row) }
        let statement = try connection.statement(.setSwept)
        statement.bind(1, max(swept, lastDeleted.sequence))
        try statement.run()
      }
    }
    let isFinished = candidates.count < rows
    sweep.position = isFinished ? 0 : candidates.last?.sequence ?? 0
    if isFinished { sweep.finishedCut = closedBefore }
    return MaintenanceProgress(examined: candidates.count, changed: deleted.count, isFinished: isFinished)
  }

  private func readForArchive(_ sequences: [JournalSequence]) throws -> [JournalRow] {
    try reading { try readRows(sequences) }
  }

  private func candidates(
    through last: JournalSequence, closedBefore: Timestamp, limit: Int
  ) throws(SQLiteError) -> [Candidate] {
    let statement = try connection.statement(.sweepable)
    statement.bind(1, sweep.position)
    statement.bind(2, last)
    statement.bind(3, Int64(limit))
    return try collect(statement) { row in
      let sequence = row.integer(0)
      let isReferenced = row.integer(6) != 0
      guard row.integer(5) != 0 else {
        // No instance, or one that has been forgotten: the row's own time decides.
        return Candidate(sequence: sequence, isSwept: !isReferenced && row.timestamp(1) < closedBefore)
      }
      let isClosed = row.optionalTimestamp(3).map { $0 < closedBefore } ?? false
      let isSwept = isClosed && !isReferenced
      let isLast = sequence >= row.integer(4)
      return Candidate(sequence: sequence, isSwept: isSwept, finished: isLast ? row.integer(2) : nil)
    }
  }

  private func delete(_ row: Candidate) throws(SQLiteError) {
    // Only resolved ones are left: the others keep their rows.
    try removeDeadLetter(row.sequence)
    let statement = try connection.statement(.deleteRow)
    statement.bind(1, row.sequence)
    try statement.run()
    guard let instance = row.finished else { return }
    let forget = try connection.statement(.forgetState)
    forget.bind(1, instance)
    try forget.run()
  }

  /// Forgets keys first and instances afterwards: state would list an instance's keys, but a swept instance has none, so the keys
  /// are gone through in their order.
  func forget(closedBefore: Timestamp, rows: Int) throws -> MaintenanceProgress {
    var pass = forget ?? ForgetPass(closedBefore: closedBefore)
    let progress =
      if let key = pass.key {
        try forgetKeys(after: key, pass: &pass, limit: rows)
      } else if let instance = pass.instance {
        try forgetInstances(after: instance, pass: &pass, limit: rows)
      } else {
        try forgetConsumed(pass: &pass, limit: rows)
      }
    forget = progress.isFinished ? nil : pass
    return progress
  }

  private func forgetKeys(after key: [UInt8], pass: inout ForgetPass, limit: Int) throws -> MaintenanceProgress {
    let cut = pass.closedBefore
    let found = try reading {
      let statement = try connection.statement(.keysWithInstance)
      statement.bind(1, copying: key)
      statement.bind(2, cut)
      statement.bind(3, Int64(limit))
      return try collect(statement) { (hash: $0.hash(0), isForgotten: $0.integer(1) != 0) }
    }
    let gone = found.filter(\.isForgotten)
    if !gone.isEmpty {
      try writing { () throws(SQLiteError) in
        for key in gone { try apply(.remove(key.hash)) }
      }
    }
    pass.key = found.count < limit ? nil : found.last?.hash.bytes
    return MaintenanceProgress(examined: found.count, changed: gone.count, isFinished: false)
  }

  private func forgetInstances(
    after: Wake, pass: inout ForgetPass, limit: Int
  ) throws -> MaintenanceProgress {
    let cut = pass.closedBefore
    let found = try reading {
      let statement = try connection.statement(.forgettable)
      statement.bind(1, after.at)
      statement.bind(2, after.instance)
      statement.bind(3, cut)
      statement.bind(4, Int64(limit))
      return try collect(statement) {
        (at: Wake(at: $0.timestamp(1), instance: $0.integer(0)), isSwept: $0.integer(2) != 0)
      }
    }
    let gone = found.filter(\.isSwept).map(\.at.instance).sorted()
    if !gone.isEmpty {
      try writing { () throws(SQLiteError) in
        for instance in gone {
          for query in [Query.deleteSeen, .deleteInstance] {
            let statement = try connection.statement(query)
            statement.bind(1, instance)
            try statement.run()
          }
        }
      }
    }
    pass.instance = found.count < limit ? nil : found.last?.at
    return MaintenanceProgress(examined: found.count, changed: gone.count, isFinished: false)
  }

  private func forgetConsumed(pass: inout ForgetPass, limit: Int) throws -> MaintenanceProgress {
    let (cut, after) = (pass.closedBefore, pass.consumed)
    let found = try reading {
      let statement = try connection.statement(.consumedAfter)
      statement.bind(1, copying: after.consumer)
      statement.bind(2, copying: after.id)
      statement.bind(3, Int64(limit))
      let rows = try collect(statement) {
        (consumer: $0.text(0), id: $0.hash(1), isOld: $0.timestamp(2) < cut, body: $0.bytes(3))
      }
      return try rows.map { row in
        let isForgotten = try row.isOld && !isOfKnownInstance(row.consumer, row.body)
        return (consumer: row.consumer, id: row.id, isForgotten: isForgotten)
      }
    }
    let gone = found.filter(\.isForgotten)
    if !gone.isEmpty {
      try writing { () throws(SQLiteError) in
        for row in gone {
          let statement = try connection.statement(.deleteConsumed)
          statement.bind(1, copying: row.consumer)
          statement.bind(2, row.id)
          try statement.run()
        }
      }
    }
    if let last = found.last { pass.consumed = (last.consumer, last.id.bytes) }
    return MaintenanceProgress(examined: found.count, changed: gone.count, isFinished: found.count < limit)
  }

  /// Whether a row of `consumed` goes with its instance, which is still there.
  private func isOfKnownInstance(_ consumer: String, _ body: [UInt8]) throws(SQLiteError) -> Bool {
    guard let id = LateAlertMemory.instance(consumer: consumer, body: body) else { return false }
    let instance = try connection.statement(.instance)
    instance.bind(1, id)
    return try instance.first { true } ?? false
  }
}
