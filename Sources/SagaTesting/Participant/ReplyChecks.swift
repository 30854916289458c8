import SagaCore
import SagaRuntime

extension ParticipantConformance {
  static let replyChecks: [Check] = [
    Check("an action is answered with what the definition names for its outcome", needs: .definitions) { trial in
      for reply in try await trial.repliesToActions() { try trial.expectDeclared(reply, to: trial.sample.action) }
    },
    Check("the payload of an answer to an action fits its message's schema", needs: .definitions) { trial in
      for reply in try await trial.repliesToActions() { try trial.expectFitting(reply.type, reply.data) }
    },
    Check(
      "an undo is answered with what the definition names, also when nothing was done", needs: [.undo, .definitions]
    ) { trial in
      for reply in try await trial.repliesToUndos() {
        try trial.expectDeclared(CommandReply(type: reply.type, data: reply.data ?? .null), to: trial.sample.undo ?? "")
      }
    },
    Check("the payload of an answer to an undo fits its message's schema", needs: [.undo, .definitions]) { trial in
      for reply in try await trial.repliesToUndos() { try trial.expectFitting(reply.type, reply.data ?? .null) }
    },
  ]
}

extension ParticipantTrial {
  /// What the handler answers when it does the action, and when it declines it.
  fileprivate func repliesToActions() async throws -> [CommandReply] {
    _ = try await done(newCase(1))
    if let declined = sample.declined { _ = try await deliver(action(newCase(2, payload: declined))) }
    return probe.replies(to: sample.action)
  }

  /// What is answered when something was done, and when nothing was.
  fileprivate func repliesToUndos() async throws -> [CloudEvent] {
    let this = newCase(1)
    let reply = try await done(this)
    var replies: [CloudEvent] = []
    for undo in [undo(this, reply: reply), undo(newCase(2))] {
      _ = try await deliver(undo)
      replies += try await self.replies(to: undo)
    }
    return replies
  }

  private var vocabulary: Vocabulary { Vocabulary(harness.definitions ?? .none) }

  fileprivate func expectDeclared(_ reply: CommandReply, to type: String) throws {
    let destination = try harness.make().destination
    let command = Vocabulary.Command(type: type, destination: destination, isUndo: type == sample.undo)
    guard let answers = vocabulary.answers(to: command) else {
      throw failure("a step of the definitions that sends \(type) to \(destination)", found: "none")
    }
    guard let answer = answers.first(where: { $0.type == reply.type }) else {
      throw failure("\(type) to be answered with one of \(answers.map(\.type))", found: reply.type)
    }
    if reply.isDeclined, !answer.mayFail {
      throw failure(
        "\(reply.type) to be a reply of something done, as the definition has it", found: "a declined reply")
    }
    if !reply.isDeclined, !answer.maySucceed {
      throw failure(
        "\(reply.type) to be declined: the definition takes it for a failure", found: "a reply of something done")
    }
  }

  fileprivate func expectFitting(_ type: String, _ data: JSON) throws {
    let violations = vocabulary.schema(of: type)?.validate(data) ?? []
    if !violations.isEmpty {
      throw failure(
        "\(type) to fit its schema", found: violations.map(\.description).joined(separator: "; ") + " in \(data)")
    }
  }
}
