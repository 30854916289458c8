import SagaCore
import Testing

@Suite struct StepDecodingTests {
  private func steps(_ text: String) throws -> [StepDefinition] {
    let (definition, diagnostics) = decode(orchestration(steps: text))
    #expect(diagnostics == [])
    return try #require(definition?.roles.first?.states.first?.steps)
  }

  @Test("forEach has a list, a concurrency and steps")
  func forEach() throws {
    let found = try steps(
      #"{"forEach":"data.items","concurrency":4,"steps":[{"fail":"'x'"}]},{"forEach":"[1]","steps":[]}"#)
    guard case .forEach(let loop) = found[0], case .forEach(let plain) = found[1] else {
      Issue.record("no forEach")
      return
    }
    #expect(loop.list.text == "data.items" && loop.concurrency == 4 && loop.steps.count == 1)
    #expect("\(loop.list.position)" == "2:13")
    #expect(plain.concurrency == 1)
  }

  @Test("parallel has branches, choose has guarded ones and a last one without guard")
  func branches() throws {
    let found = try steps(
      #"{"parallel":[[{"set":{"a":1}}],[]]},{"choose":[{"when":"data.a","steps":[]},{"steps":[{"fail":"'x'"}]}]}"#)
    guard case .parallel(let branches, _) = found[0], case .choose(let choices, _) = found[1] else {
      Issue.record("no branches")
      return
    }
    #expect(branches.map(\.count) == [1, 0])
    #expect(choices.map(\.when?.text) == ["data.a", nil] && choices.map(\.steps.count) == [0, 1])
  }

  @Test("try has steps and a catch")
  func attempt() throws {
    guard case .attempt(let steps, let recovery, _) = try steps(#"{"try":[{"fail":"'x'"}],"catch":[]}"#)[0] else {
      Issue.record("no try")
      return
    }
    #expect(steps.count == 1 && recovery.isEmpty)
  }

  @Test("publish has messages and an undo that publishes, or none")
  func publish() throws {
    let found = try steps(
      #"{"publish":{"A":{},"B":"data.b"},"undo":{"publish":{"C":{}}}},{"publish":{"A":{}},"undo":"none"}"#)
    guard case .publish(let first) = found[0], case .publish(let second) = found[1],
      case .publish(let undo, _) = try #require(first.undo), case .none = try #require(second.undo)
    else {
      Issue.record("no publish")
      return
    }
    #expect(first.messages.text == "{A:{},B:<data.b>}" && undo.map(\.name) == ["C"])
  }

  @Test("a step may wait without calling and call without waiting")
  func halves() throws {
    let found = try steps(
      #"{"step":"wait","reply":{"R":{}},"timeout":"data.patience"},{"step":"tell","call":"C","undo":"none"}"#)
    guard case .call(let wait) = found[0], case .call(let tell) = found[1] else {
      Issue.record("no named steps")
      return
    }
    #expect(wait.command == nil && wait.replies.map(\.type) == ["R"])
    #expect(wait.timeout?.summary == "<data.patience> at 2:44")
    #expect(tell.command?.destination == nil && tell.command?.with.text == "{}" && tell.replies.isEmpty)
  }
}
