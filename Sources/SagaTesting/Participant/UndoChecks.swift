import SagaCore
import SagaRuntime

extension ParticipantConformance {
  static let undoChecks: [Check] = [
    Check("an undo takes the effect back", needs: .undo) { trial in
      let before = try await trial.effect()
      let this = trial.newCase()
      let reply = try await trial.done(this)
      try trial.equal(try await trial.deliver(trial.undo(this, reply: reply)), .handled, "the undo")
      try trial.equal(try await trial.effect(), before, "the effect after the undo")
    },
    Check("an undo that comes again undoes once, under the same key and under another", needs: .undo) { trial in
      let before = try await trial.effect()
      let this = trial.newCase()
      let reply = try await trial.done(this)
      let undo = trial.undo(this, reply: reply)
      _ = try await trial.deliver(undo)
      try trial.equal(try await trial.deliver(undo), .duplicate, "the same undo")
      _ = try await trial.deliver(trial.undo(this, number: 2, reply: reply))
      try trial.equal(try await trial.effect(), before, "the effect after three undos")
    },
    Check("an undo that comes before its action is answered and has no effect", needs: .undo) { trial in
      let before = try await trial.effect()
      let this = trial.newCase()
      let undo = trial.undo(this)
      try trial.equal(try await trial.deliver(undo), .handled, "the undo")
      _ = try await trial.replies(to: undo)
      try trial.equal(try await trial.effect(), before, "the effect")
    },
    Check("an action that comes after its undo is refused and has no effect", needs: .undo) { trial in
      let this = trial.newCase()
      _ = try await trial.deliver(trial.undo(this))
      let before = try await trial.effect()
      try trial.equal(try await trial.deliver(trial.action(this)), .refusedByUndo, "the action")
      try trial.equal(try await trial.effect(), before, "the effect")
    },
    Check("an action and its undo at once leave nothing", needs: .undo) { trial in
      let before = try await trial.effect()
      let this = trial.newCase()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { _ = try await trial.deliver(trial.action(this)) }
        group.addTask { _ = try await trial.deliver(trial.undo(this)) }
        try await group.waitForAll()
      }
      try trial.equal(try await trial.effect(), before, "the effect")
    },
    Check("an undo is never declined", needs: .undo) { trial in
      let this = trial.newCase()
      let reply = try await trial.done(this)
      _ = try await trial.deliver(trial.undo(this, reply: reply))
      if let undo = trial.sample.undo, trial.probe.replies(to: undo).contains(where: \.isDeclined) {
        throw trial.failure("\(undo) to be done: a declined undo leaves its saga stuck", found: "a declined reply")
      }
    },
  ]
}
