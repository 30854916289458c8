import SagaCore
import SagaRuntime

/// One check being run: makes stores and says what does not hold.
struct Examination {
  let rule: String
  let harness: StoreHarness

  func store() throws -> any Store { try harness.make() }

  func failure(_ expectation: String, found: Any) -> ConformanceFailure {
    ConformanceFailure(rule: rule, expectation: expectation, found: "\(found)")
  }

  func expect(_ holds: Bool, _ expectation: String, found: @autoclosure () -> Any = "the contrary") throws {
    if !holds { throw failure(expectation, found: found()) }
  }

  func equal<Value: Equatable>(_ found: Value, _ wanted: Value, _ what: String) throws {
    if found != wanted { throw failure("\(what) to be \(wanted)", found: found) }
  }

  /// The error with which a store refuses a batch.
  func error(of store: any Store, _ batch: CommitBatch) -> CommitError? {
    do throws(CommitError) {
      _ = try store.commit(batch)
      return nil
    } catch {
      return error
    }
  }

  /// Fails unless the constraints refuse the batch.
  func expectRefused(_ store: any Store, _ batch: CommitBatch, _ what: String) throws {
    let error = error(of: store, batch)
    if case .refused? = error { return }
    throw failure("\(what) to be refused", found: error.map { "\($0)" } ?? "a commit")
  }

  /// Does background work to its end.
  ///
  /// - Returns: how much changed.
  @discardableResult
  func finish(_ store: any Store, _ work: Maintenance, rows: Int = 1000) throws -> Int {
    var changed = 0
    for _ in 0..<1000 {
      let progress = try store.maintain(work, budget: PageBudget(rows: rows))
      try expect(progress.examined <= rows, "at most \(rows) rows to be looked at in a call", found: progress.examined)
      changed += progress.changed
      if progress.isFinished { return changed }
    }
    throw failure("the work to come to an end", found: "1000 calls that did not finish")
  }

  /// All elements of a listing, page after page, as the numbers they are ordered by.
  func all(_ store: any Store, _ query: StoreQuery, limit: Int) throws -> [[Int64]] {
    var found: [[Int64]] = []
    var token: PageToken?
    for _ in 0..<1000 {
      let page = try store.page(query, after: token, limit: limit)
      let these =
        page.instances.map { [$0.id] } + page.headers.map { [$0.id] } + page.deadLetters.map { [$0.sequence] }
        + page.parked.map { [$0.expiresAt.milliseconds, $0.sequence] }
        + page.held.map { [$0.lane, $0.sequence, $0.effect] }
      try expect(these.count <= limit, "a page to have at most \(limit) elements", found: these.count)
      found += these
      token = page.next
      if token == nil { return found }
    }
    throw failure("the pages to come to an end", found: "1000 pages with a next one")
  }
}
