/// Counts the turns of a loop that has to come to an end, and throws where it does not: no time limit can stop a synchronous test.
package struct Turns {
  package struct Endless: Error {}
  private var count = 0

  package init() {}

  package mutating func next() throws {
    count += 1
    if count > 100_000 { throw Endless() }
  }
}
