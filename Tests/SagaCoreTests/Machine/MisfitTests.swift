import Testing

@testable import SagaCore

@Suite("A stored instance that does not fit the machine")
struct MisfitTests {
  /// What the instance stands at, in the wrong place.
  enum Form: CaseIterable { case sequence, loop, recovery, call }

  /// A saga whose first call is done and whose second one is open.
  private func play() throws -> Play {
    let play = try Play(Sagas.steps("\(Sagas.call("A")), \(Sagas.call("B"))", calls: "AB"))
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    return play
  }

  private func node(_ play: Play, _ isWanted: (NodeKind) -> Bool) throws -> Int {
    let found = play.machine.model.nodes.firstIndex { isWanted($0.kind) }
    return try #require(found)
  }

  /// A node that is a call, and nothing else.
  private func callNode(_ play: Play) throws -> Int {
    try node(play) { if case .call = $0 { true } else { false } }
  }

  /// A node that is a sequence, and nothing else.
  private func sequenceNode(_ play: Play) throws -> Int {
    try node(play) { if case .sequence = $0 { true } else { false } }
  }

  /// The instance stands elsewhere from now on, as if another definition had been loaded.
  private func place(_ play: Play, _ block: Frame?) throws {
    var instance = try #require(play.instance)
    instance.block = block
    play.become(
      play.machine, Decision(outcome: .handled, instance: instance, outgoing: [], claims: [], facts: []))
  }

  private func bent(_ block: Frame, to form: Form, _ play: Play) throws -> Frame {
    guard case .sequence(let node, let position, .call(var open), let owed) = block else {
      throw Play.Refused(text: "the second call is not open")
    }
    let child = Frame.call(open)
    let wrong = try callNode(play)
    switch form {
    case .sequence: return .sequence(node: wrong, position: position, child: child, owed: owed)
    case .loop:
      return .forEach(
        node: wrong, items: ["x"], next: 1, active: [IndexedFrame(index: 0, frame: child)], owed: owed)
    case .recovery: return .recovering(node: wrong, tree: .sequence(owed), failure: nil)
    case .call:
      open.node = try sequenceNode(play)
      return .sequence(node: node, position: position, child: .call(open), owed: owed)
    }
  }

  @Test(
    "is stuck as it is, with a reason that names the step: nothing counts as done, nothing owed is forgotten",
    arguments: Form.allCases)
  func frames(form: Form) throws {
    let play = try play()
    let block = try #require(play.instance.block)
    let bent = try bent(block, to: form, play)
    try place(play, bent)
    play.operate(.pause)
    #expect(play.status == .stuck)
    #expect(play.instance.block == bent)
    let reason = play.machine.problem(of: play.instance)?.reason ?? ""
    let wrong = try form == .call ? sequenceNode(play) : callNode(play)
    #expect(reason.contains("does not fit the definition: node \(wrong) ("), "\(reason)")
    #expect(reason.contains("`retry`"), "\(reason)")
    play.operate(.skip)
    #expect(play.status == .stuck, "what it is cannot be skipped")
    // The definition that fits is loaded.
    try place(play, block)
    play.operate(.retry)
    play.operate(.resume)
    #expect(play.status == .running)
    try play.reply(to: "DoB", "DoneB")
    #expect(play.status == .completed)
    #expect(play.count("UndoA") == 0)
  }

  @Test("whose undo is none is stuck there, and compensated when the definition that fits is loaded")
  func undo() throws {
    let play = try play()
    guard case .sequence(let node, let position, let child, let owed)? = play.instance.block,
      case .undo(let right)? = owed.first
    else {
      Issue.record("the first call owes no undo")
      return
    }
    var wrong = right
    wrong.node = try sequenceNode(play)
    try place(play, .sequence(node: node, position: position, child: child, owed: [.undo(wrong)]))
    try play.reply(to: "DoB", "NoB")
    #expect(play.status == .stuck)
    #expect(play.count("UndoA") == 0)
    let reason = play.machine.problem(of: play.instance)?.reason ?? ""
    #expect(reason.contains("is not an effect with an undo"), "\(reason)")
    var instance = try #require(play.instance)
    instance.replaceUndo(actionKey: right.actionKey) { undo in
      var mended = undo
      mended.node = right.node
      return mended
    }
    play.become(
      play.machine, Decision(outcome: .handled, instance: instance, outgoing: [], claims: [], facts: []))
    play.operate(.retry)
    #expect(play.count("UndoA") == 1)
    try play.reply(to: "UndoA", "UndoneA")
    #expect(play.status == .compensated)
  }

  @Test("and is cancelled keeps what its open call may owe, and what is owed before it")
  func cancelled() throws {
    let play = try play()
    let block = try #require(play.instance.block)
    try place(play, try bent(block, to: .call, play))
    play.operate(.cancel)
    #expect(play.status == .stuck)
    #expect(play.count("UndoA") == 0)
    #expect(play.instance.allOwed.map(\.isUnknown) == [false, true])
  }

  @Test("loses no timer of an open call: `retry` sends the call again, under its key, when it fits")
  func timer() throws {
    let play = try play()
    let block = try #require(play.instance.block)
    try place(play, try bent(block, to: .call, play))
    play.wait(30_000)
    #expect(play.status == .stuck)
    guard case .sequence(let node, let position, .call(var open), let owed)? = play.instance.block,
      case .sequence(_, _, .call(let right), _) = block
    else {
      Issue.record("the call is gone")
      return
    }
    open.node = right.node
    try place(play, .sequence(node: node, position: position, child: .call(open), owed: owed))
    play.operate(.retry)
    #expect(play.status == .running)
    #expect(play.count("DoB") == 2)
    #expect(Set(play.keys("DoB")).count == 1)
    try play.reply(to: "DoB", "DoneB")
    #expect(play.status == .completed)
  }
}
