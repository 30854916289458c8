import SagaCore
import SagaRuntime

extension ParticipantConformance {
  static let interruptionChecks: [Check] = [
    Check("an action that was interrupted after its effect and comes again has one effect") { trial in
      let one = try await trial.amountOfOne()
      let before = try await trial.effect()
      let this = trial.newCase()
      try await trial.deliverInterrupted(trial.action(this), .afterEffect)
      try trial.equal(try await trial.deliver(trial.action(this, attempt: 2)), .handled, "the second attempt")
      try trial.equal(try await trial.effect() - before, one, "the effect")
    },
    Check("an action that was interrupted after its effect and comes again answers the same") { trial in
      let this = trial.newCase()
      try await trial.deliverInterrupted(trial.action(this), .afterEffect)
      _ = try await trial.deliver(trial.action(this, attempt: 2))
      let replies = trial.probe.replies(to: trial.sample.action)
      guard replies.count == 2 else { throw trial.failure("two runs of the handler", found: replies.count) }
      try trial.equal(replies[1].type, replies[0].type, "the type of the second answer")
      try trial.equal(replies[1].data, replies[0].data, "the second answer")
    },
    Check("an action that was interrupted after its effect is undone without its answer", needs: .undo) { trial in
      let before = try await trial.effect()
      let this = trial.newCase()
      try await trial.deliverInterrupted(trial.action(this), .afterEffect)
      try trial.equal(try await trial.deliver(trial.undo(this)), .handled, "the undo")
      try trial.equal(try await trial.effect(), before, "the effect after the undo")
      try trial.equal(try await trial.deliver(trial.action(this, attempt: 2)), .refusedByUndo, "the late action")
      try trial.equal(try await trial.effect(), before, "the effect after the late action")
    },
    Check("an action that was interrupted before its effect leaves nothing to undo", needs: .undo) { trial in
      // Others have done the same: an undo that does not look would take theirs back.
      _ = try await trial.amountOfOne()
      let before = try await trial.effect()
      let this = trial.newCase()
      try await trial.deliverInterrupted(trial.action(this), .beforeEffect)
      try trial.equal(try await trial.deliver(trial.undo(this)), .handled, "the undo")
      try trial.equal(try await trial.effect(), before, "the effect after the undo")
    },
    Check("an undo that was interrupted after its effect and comes again undoes once", needs: .undo) { trial in
      _ = try await trial.amountOfOne()
      let before = try await trial.effect()
      let this = trial.newCase()
      let reply = try await trial.done(this)
      try await trial.deliverInterrupted(trial.undo(this, reply: reply), .afterEffect)
      let second = trial.undo(this, reply: reply, attempt: 2)
      try trial.equal(try await trial.deliver(second), .handled, "the second attempt of the undo")
      try trial.equal(try await trial.effect(), before, "the effect after the undo")
    },
  ]
}
