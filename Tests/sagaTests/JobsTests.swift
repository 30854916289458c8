import Synchronization
import Testing

@testable import saga

@Suite("Work on several threads") struct JobsTests {
  struct Failed: Error, Equatable { var number: Int }

  final class Shown: Sendable { let numbers = Mutex<[Int]>([]) }

  @Test("is shown in its order, whichever is done first", arguments: [1, 2, 7, 40]) func order(jobs: Int) throws {
    let shown = Shown()
    try Jobs.inOrder(20, jobs: jobs) { number in
      // The first ones take longest.
      var sum = 0
      for step in 0..<(20 - number) * 1000 { sum &+= step }
      return sum >= 0 ? number : -1
    } show: { number in
      shown.numbers.withLock { $0.append(number) }
    }
    #expect(shown.numbers.withLock { $0 } == Array(0..<20))
  }

  @Test("ends with the lowest that fails, when all before it are shown", arguments: [1, 2, 7, 40])
  func failure(jobs: Int) throws {
    let shown = Shown()
    #expect(throws: Failed(number: 5)) {
      try Jobs.inOrder(20, jobs: jobs) { number in
        if number >= 5, number % 2 == 1 { throw Failed(number: number) }
        return number
      } show: { number in
        shown.numbers.withLock { $0.append(number) }
      }
    }
    #expect(shown.numbers.withLock { $0 } == Array(0..<5))
  }
}
