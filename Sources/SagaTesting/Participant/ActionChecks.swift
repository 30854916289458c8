import SagaCore
import SagaRuntime

extension ParticipantConformance {
  static let actionChecks: [Check] = [
    Check("an action that is answered as done has an effect") { trial in
      if try await trial.amountOfOne() == 0 {
        throw trial.failure("an effect of \(trial.sample.action)", found: "none")
      }
    },
    Check("two actions have two effects") { trial in
      let one = try await trial.amountOfOne()
      let before = try await trial.effect()
      _ = try await trial.done(trial.newCase(1))
      _ = try await trial.done(trial.newCase(2))
      try trial.equal(try await trial.effect() - before, 2 * one, "the effect of two actions")
    },
    Check("an action that comes again has one effect and the same answer") { trial in
      let one = try await trial.amountOfOne()
      let before = try await trial.effect()
      let this = trial.newCase()
      _ = try await trial.done(this)
      try trial.equal(try await trial.deliver(trial.action(this, attempt: 2)), .duplicate, "the second attempt")
      try trial.equal(try await trial.effect() - before, one, "the effect")
      let replies = try await trial.replies(to: trial.action(this), count: 2)
      try trial.equal(replies[1].data, replies[0].data, "the second answer")
      try trial.equal(replies[1].id, replies[0].id, "the id of the second answer")
    },
    Check("actions that come at once, each of them twice, have one effect each") { trial in
      let one = try await trial.amountOfOne()
      let before = try await trial.effect()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 1...4 {
          for attempt in 1...2 {
            group.addTask { _ = try await trial.deliver(trial.action(trial.newCase(number), attempt: Int64(attempt))) }
          }
        }
        try await group.waitForAll()
      }
      try trial.equal(try await trial.effect() - before, 4 * one, "the effect of four actions")
    },
    Check("an action that is cancelled at its deadline stops, and can be undone", needs: .slow) { trial in
      let before = try await trial.effect()
      let this = trial.newCase(payload: trial.sample.slow)
      var command = trial.action(this)
      command.expirytime = WallClock.now.advanced(byMilliseconds: 50).rfc3339
      do {
        _ = try await trial.engine.deliver(command)
        throw trial.failure("\(command.type) to hang until it is cancelled", found: "an answer to \(this.data)")
      } catch is DeliveryError {
        // Whichever error it stopped with.
      }
      if !trial.probe.replies(to: command.type).isEmpty {
        throw trial.failure("\(command.type) to stop when it is cancelled", found: "that it went on to its end")
      }
      guard trial.sample.undo != nil else { return }
      _ = try await trial.deliver(trial.undo(this))
      try trial.equal(try await trial.effect(), before, "the effect after the undo")
    },
  ]

  static let declineChecks: [Check] = [
    Check("what is declined has no effect", needs: .declined) { trial in
      let before = try await trial.effect()
      try await trial.decline(trial.newCase(payload: trial.sample.declined))
      try trial.equal(try await trial.effect(), before, "the effect")
    },
    Check("what was declined has nothing to undo", needs: [.declined, .undo]) { trial in
      let this = trial.newCase(payload: trial.sample.declined)
      try await trial.decline(this)
      let before = try await trial.effect()
      try trial.equal(try await trial.deliver(trial.undo(this)), .handled, "the undo")
      try trial.equal(try await trial.effect(), before, "the effect after the undo")
    },
  ]
}

extension ParticipantTrial {
  /// Delivers an action that the participant must decline.
  func decline(_ this: Case) async throws {
    _ = try await deliver(action(this))
    guard let reply = probe.replies(to: sample.action).last, reply.isDeclined else {
      throw failure("\(sample.action) to be declined with \(this.data)", found: "that it was done")
    }
  }
}
