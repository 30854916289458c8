import Testing

@testable import SagaSimulation

@Suite("A table of tuples")
struct TupleTableTests {
  @Test("tells replacements of neighbouring components apart, up to the last number that there is room for")
  func replacements() {
    var table = TupleTable(width: 2)
    let first = table.number(of: [0, 0])
    let last = TupleTable.maximumComponents - 1
    let left = table.replacing(0, of: first, by: last)
    let right = table.replacing(1, of: first, by: last)
    #expect(left != right)
    #expect(Array(table.components(of: left)) == [last, 0])
    #expect(Array(table.components(of: right)) == [0, last])
    #expect(table.replacing(0, of: first, by: last) == left)
    #expect(table.replacing(0, of: left, by: 0) == first)
  }

  @Test("stops at a component that it has no room for, and does not take it for another one")
  func overflow() async {
    await #expect(processExitsWith: .failure) {
      var table = TupleTable(width: 2)
      let first = table.number(of: [7, 7])
      // Without the check these two have the same word.
      let other = table.replacing(1, of: first, by: 0)
      let collided = table.replacing(0, of: first, by: TupleTable.maximumComponents)
      print(other, collided)
    }
  }
}
