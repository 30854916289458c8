import ArgumentParser
import SagaCore
import SagaRuntime

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows one saga: where it stands, what it waits for, what it owes.",
    discussion: """
      Example:
        saga show --db orders.db o-17
        saga show --db orders.db o-17 --json
      """)
  @OptionGroup var target: InstanceOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try Snapshot.ask(database.database, key: target.key) { snapshot in
      let view = try snapshot.instance(target.key, saga: target.saga, role: target.role)
      let machine = snapshot.machine(view.machine)
      let state = snapshot.state(of: view)
      if output.json {
        Console.print(InstanceReport.whole(view, machine, state: state))
      } else {
        InstancePage(view: view, machine: machine, state: state).printAll()
      }
    }
  }
}

/// An instance as a page for people.
private struct InstancePage {
  let view: InstanceView
  let machine: Machine?
  let state: String

  func printAll() {
    printHead()
    guard let instance = view.instance else {
      Console.print("\nIts history and state have been pruned.")
      return
    }
    printData(instance)
    guard let machine else {
      Console.print("\nIts definition cannot be read by this version, so that what it waits for has no names.")
      return
    }
    printProblem(machine.problem(of: instance))
    printCalls(machine.openCalls(of: instance))
    printOwed(machine.owedUndos(of: instance))
    printTimers(instance, machine)
    printDeferred(instance.deferred)
  }

  private func printHead() {
    Console.print(
      Console.styled("\(Text.safe(view.key))  \(Text.name(view.machine)) version \(view.machine.version)", .bold))
    var lines = [("status", Text.status(view.status, isPaused: view.isPaused)), ("state", Text.safe(state))]
    if let instance = view.instance {
      lines += [
        ("started", instance.startedAt.rfc3339),
        ("last change", "\(instance.updatedAt.rfc3339), revision \(view.revision)"),
      ]
      if let failure = instance.failure { lines.append(("failure", describe(failure))) }
      if instance.isPivoted { lines.append(("pivot", "passed: it can only go forward")) }
      for exit in instance.pending {
        lines.append(("pending", "\(describe(exit.failure)); waits for the pivot"))
      }
      for key in instance.correlations { lines.append(("key", "\(Text.safe(key.name)) = \(Text.safe(key.value))")) }
    }
    if let closedAt = view.closedAt { lines.append(("closed", closedAt.rfc3339)) }
    let width = lines.map(\.0.count).max() ?? 0
    for (name, value) in lines { Console.print("  \(name.padded(to: width))  \(value)") }
  }

  private func describe(_ failure: SagaCore.Failure) -> String {
    let step = failure.step.isEmpty ? "" : " in \(Text.safe(failure.step))"
    return "\(Text.safe(failure.reason)) (\(failure.kind.rawValue)\(step), \(failure.time.rfc3339))"
  }

  private func printData(_ instance: Instance) {
    title("Data")
    let text = String(decoding: JSONWriter.pretty(instance.data), as: UTF8.self)
    for line in text.split(separator: "\n") { Console.print("  \(Text.safe(String(line)))") }
  }

  private func printProblem(_ problem: (step: String, reason: String)?) {
    guard let problem else { return }
    title("Stuck")
    Console.print("  \(Text.safe(problem.step)): \(Console.styled(Text.safe(problem.reason), .red))")
    Console.print("  saga retry tries it again, saga skip takes it as done, saga resolve closes the saga as it is")
  }

  private func printCalls(_ calls: [OpenCallOverview]) {
    guard !calls.isEmpty else { return }
    title("Waits for")
    let rows = calls.map { call -> [Console.Cell] in
      let what = [call.command, call.destination.map { "to \($0)" }].compactMap { $0 }.joined(separator: " ")
      let step = call.role == .undo ? "undo of \(call.step)" : call.step
      return [
        Console.Cell("  \(Text.safe(step))"), Console.Cell(Text.safe(what)), Console.Cell(call.phase),
        Console.Cell("\(call.attempt) of \(call.attempts)"), Console.Cell(call.due.text),
        Console.Cell(Text.safe(call.reason ?? ""), .red),
      ]
    }
    Console.print(Console.table(rows, header: ["  STEP", "COMMAND", "PHASE", "ATTEMPT", "UNTIL", "PROBLEM"]))
  }

  private func printOwed(_ owed: [OwedUndoOverview]) {
    guard !owed.isEmpty else { return }
    title("Owes")
    let rows = owed.map { undo -> [Console.Cell] in
      [
        Console.Cell("  undo of \(Text.safe(undo.step))"), Console.Cell(Text.safe(undo.command ?? "publication")),
        Console.Cell(undo.phase), Console.Cell(undo.isUnknown ? "nobody knows whether it was done" : ""),
      ]
    }
    Console.print(Console.table(rows, header: ["  UNDO", "COMMAND", "PHASE", "NOTE"]))
  }

  private func printTimers(_ instance: Instance, _ machine: Machine) {
    let active = instance.activeTimers
    let timers = instance.timers.sorted { $0.due < $1.due }
    guard !timers.isEmpty else { return }
    title("Timers")
    let rows = timers.map { timer -> [Console.Cell] in
      [
        Console.Cell("  \(timer.due.rfc3339)"), Console.Cell(Text.safe(machine.timerName(timer.name, in: instance))),
        Console.Cell(active.contains(timer) ? "" : "held"),
      ]
    }
    Console.print(Console.table(rows, header: ["  DUE", "TIMER", ""]))
  }

  private func printDeferred(_ deferred: [DeferredMessage]) {
    guard !deferred.isEmpty else { return }
    title("Keeps for later")
    for message in deferred { Console.print("  \(Text.safe(message.type))  (journal row \(message.sequence))") }
  }

  private func title(_ text: String) { Console.print("\n\(Console.styled(text, .bold))") }
}

extension String {
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
