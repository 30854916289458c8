import SagaSimulation
import Testing

@Suite("Choices")
struct ChoicesTests {
  @Test("A seed always gives the same answers, and another seed others")
  func seeded() {
    func answers(_ seed: UInt64) -> [Int] {
      let choices = Choices.seeded(seed)
      return (0..<50).map { _ in choices.choose(1000, .delay) }
    }
    #expect(answers(7) == answers(7))
    #expect(answers(7) != answers(8))
  }

  @Test("What one label or stream is asked does not move the answers of another")
  func substreams() {
    let plain = Choices.seeded(3)
    let expected = (0..<20).map { _ in plain.choose(1_000_000, .delay, 1) }
    let disturbed = Choices.seeded(3)
    let answers = (0..<20).map { index in
      for _ in 0..<index { _ = disturbed.choose(10, .loss, 1) }
      _ = disturbed.choose(10, .delay, 2)
      return disturbed.choose(1_000_000, .delay, 1)
    }
    #expect(answers == expected)
  }

  @Test("A record replays to the same answers and the same hash")
  func replay() {
    func ask(_ choices: Choices) -> [Int] {
      (0..<30).map { index in
        index % 3 == 0
          ? choices.choose(9, .delay, index) : choices.happens(400, .loss) ? 1 : choices.weighted([1, 2, 3], .outcome)
      }
    }
    let first = Choices.seeded(11, isRecording: true)
    let answers = ask(first)
    let second = Choices.recorded(first.record)
    #expect(ask(second) == answers)
    #expect(second.hash == first.hash)
    #expect(second.record == first.record)
  }

  @Test("A list without entries answers 0, the world without faults; an answer that no longer fits is cut")
  func edited() {
    let empty = Choices.recorded([])
    #expect((0..<5).map { _ in empty.choose(7, .delay) } == [0, 0, 0, 0, 0])
    #expect(!empty.happens(1000, .crash))
    let stale = Choices.recorded([Choice(label: .delay, stream: 0, index: 0, count: 100, value: 99)])
    #expect(stale.choose(3, .delay) == 2)
  }

  @Test("An odometer goes through every combination once, in order")
  func odometer() {
    let choices = Choices.odometer()
    var seen: [[Int]] = []
    repeat {
      let first = choices.choose(2, .loss)
      seen.append(first == 0 ? [0] : [1, choices.choose(3, .delay)])
    } while choices.advance()
    #expect(seen == [[0], [1, 0], [1, 1], [1, 2]])
  }

  @Test("Probabilities hold over many questions")
  func probabilities() {
    let choices = Choices.seeded(5)
    let happened = (0..<10_000).count { _ in choices.happens(250, .loss) }
    #expect((2300...2700).contains(happened))
    var counts = [0, 0, 0]
    for _ in 0..<6000 { counts[choices.weighted([1, 2, 3], .outcome)] += 1 }
    #expect((800...1200).contains(counts[0]))
    #expect((1800...2200).contains(counts[1]))
    #expect((2700...3300).contains(counts[2]))
  }

  @Test("Nothing is asked where nothing can happen")
  func impossible() {
    let choices = Choices.seeded(1, isRecording: true)
    #expect(!choices.happens(0, .crash))
    #expect(choices.record.isEmpty)
  }
}
