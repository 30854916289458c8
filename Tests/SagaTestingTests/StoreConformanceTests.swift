import SagaRuntime
import SagaTesting
import Testing

extension StoreConformance.Check: CustomTestStringConvertible {
  public var testDescription: String { name }
}

@Suite("The store conformance suite")
struct StoreConformanceTests {
  static var memory: StoreHarness {
    StoreHarness(
      make: {
        var contents = MemoryContents()
        contents.epoch = 1
        return MemoryStore(contents)
      },
      reopen: { MemoryStore(($0 as! MemoryStore).contents) },
      openCopy: { store in
        let memory = store as! MemoryStore
        try memory.copy(to: BackupDestination(path: "copy"))
        return memory.copies["copy"]!
      })
  }

  @Test("is kept by the store in memory", arguments: StoreConformance.checks)
  func memory(_ check: StoreConformance.Check) throws {
    #expect(check.applies(to: Self.memory))
    try check.run(Self.memory)
  }

  @Test("has more than sixty rules, each with a name of its own")
  func names() {
    #expect(StoreConformance.checks.count > 60)
    #expect(Set(StoreConformance.checks.map(\.name)).count == StoreConformance.checks.count)
  }

  @Test("says what it leaves out where a store cannot be opened again or copied")
  func leftOut() {
    let report = StoreConformance.run { try Self.memory.make() }
    #expect(report.failures.isEmpty)
    #expect(
      report.leftOut == [
        "inherited ids are there after the store is opened again",
        "what is committed is there after the store is opened again",
        "a copy has everything of its moment and nothing that is written later",
      ])
    #expect(report.passed.count + report.leftOut.count == StoreConformance.checks.count)
  }

  @Test("names the rule, what was expected and what was found, also when a store throws")
  func failure() throws {
    struct Broken: Error {}
    let check = StoreConformance.checks[0]
    let error = #expect(throws: ConformanceFailure.self) { try check.run(StoreHarness { throw Broken() }) }
    #expect(error?.rule == check.name)
    #expect(error?.expectation == "no error")
    #expect(error?.description.hasPrefix("\(check.name): expected no error, found Broken") == true)
  }

  /// A wrong store and a rule that finds it.
  struct Fault: Sendable, CustomTestStringConvertible {
    var store: WrongStore.Type
    var rule: String
    var testDescription: String { "\(store)" }
  }

  static let faults = [
    Fault(
      store: LeavesARefusedKey.self,
      rule: "a refused batch leaves nothing of any of its parts, and the next one goes through"),
    Fault(
      store: ForgetsJoinedCommits.self,
      rule: "commits that are joined are read at once, and all there once they are ended"),
    Fault(
      store: IgnoresTheEpoch.self, rule: "a batch of another epoch is fenced, with the real one, and leaves nothing"),
    Fault(
      store: AppendsAnyway.self,
      rule: "a batch on another last sequence is moved, with the real one, and leaves nothing"),
    Fault(
      store: OverwritesKeys.self, rule: "a key that is taken cannot be inserted, in the same batch or a later one"),
    Fault(
      store: DropsPortions.self,
      rule: "portions of a pass may come in any order; only the last one moves the folded position"),
    Fault(
      store: FoldsTooEarly.self,
      rule: "portions of a pass may come in any order; only the last one moves the folded position"),
    Fault(
      store: KeepsTheFirstSpill.self,
      rule: "an id that is spilled again, in one portion or a later one, has the body of the last time"),
    Fault(
      store: RemovesLast.self, rule: "what is removed and written in one batch is there: removing comes first"),
    Fault(store: LoadsTooMuch.self, rule: "load answers what was asked and nothing that it leads to"),
    Fault(
      store: ParksBackwards.self,
      rule: "parked messages come by key, oldest first, are replaced by key and id, and leave when removed"),
    Fault(
      store: SortsRows.self,
      rule:
        "rows gives the rows named, in the order asked for, twice when asked twice, without those that are not there"),
    Fault(
      store: RepeatsWakes.self,
      rule: "wakes come by time and instance, up to the time asked for, after a given one, 1 at a time"),
    Fault(
      store: ForgetsThePresent.self,
      rule: "wakes come by time and instance, up to the time asked for, after a given one, 100 at a time"),
    Fault(
      store: EndsAtAFullPage.self,
      rule: "parked messages are listed by expiry and sequence, those of one time and row too, 2 a page"),
    Fault(
      store: ListsTheResolved.self,
      rule: "dead letters are listed by sequence, all or the waiting ones, 100 a page"),
    Fault(
      store: SweepsTheCut.self,
      rule: "a sweep takes rows of instances closed before the cut and old rows of none, 1000 at a time"),
    Fault(
      store: ArchivesTooLate.self,
      rule: "rows go to the archive before they are deleted, in order, and stay when it fails"),
    Fault(
      store: OverspendsItsBudget.self,
      rule: "a sweep takes rows of instances closed before the cut and old rows of none, 1 at a time"),
    Fault(
      store: InheritsOnlyTheRecent.self,
      rule: "a key inherits the ids named and all spilled ones of its former owner, and no other key does"),
    Fault(
      store: InheritsOnlyTheSpilled.self,
      rule: "ids are inherited in the commit in which they are spilled, whether it names them or not"),
    Fault(
      store: InheritsForEveryKey.self,
      rule: "a key inherits the ids named and all spilled ones of its former owner, and no other key does"),
    Fault(
      store: InheritsTheLastBody.self,
      rule: "a key that passes again adds ids, and one that it has already keeps its body"),
    Fault(store: InheritsRefused.self, rule: "a refused batch hands no ids on"),
    Fault(
      store: NeverForgetsInherited.self,
      rule: "forgetting takes ids inherited from owners that closed before the cut, 1000 at a time"),
    Fault(store: HidesInherited.self, rule: "inherited ids are there after the store is opened again"),
    Fault(store: LosesItsClock.self, rule: "what is committed is there after the store is opened again"),
    Fault(store: CopiesNothing.self, rule: "a copy has everything of its moment and nothing that is written later"),
  ]

  @Test("finds the fault of a wrong store", arguments: faults)
  func finds(_ fault: Fault) throws {
    let harness = StoreHarness(
      make: { fault.store.new() },
      reopen: { fault.store.init(($0 as! WrongStore).memory.contents) },
      openCopy: { store in
        if store is CopiesNothing { return store }
        return fault.store.init((store as! WrongStore).memory.contents)
      })
    let failures = StoreConformance.run(harness).failures
    #expect(failures.map(\.rule).contains(fault.rule), "\(failures)")
  }

  @Test("finds nothing where no fault is planted")
  func soundWrapper() {
    let harness = StoreHarness(
      make: { WrongStore.new() }, reopen: { WrongStore(($0 as! WrongStore).memory.contents) },
      openCopy: { WrongStore(($0 as! WrongStore).memory.contents) })
    #expect(StoreConformance.run(harness).failures == [])
  }
}
