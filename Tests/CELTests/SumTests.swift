import CEL
import Testing

@Suite("sum of an empty list") struct SumTests {
  @Test(
    "is nought of the type that the elements are known to have",
    arguments: [
      ("sum(doubles) * 1.2", CELValue.double(0)), ("sum(uints) + 1u", .uint(1)), ("sum(ints) + 1", .int(1)),
      ("sum([1.5].filter(x, x > 2.0)) + 0.5", .double(0.5)), ("sum(ints.map(i, double(i)))", .double(0)),
      ("[1, 2].map(i, sum(doubles) + double(i))[1]", .double(2)), ("sum(maybe) + 0.5", .double(0.5)),
      ("sum(doubles + doubles) + double(sum(uints) + sum([1u]))", .double(1)),
      // Nothing is known of these.
      ("sum(any)", .int(0)), ("sum([])", .int(0)), ("double(sum(any)) * 1.2", .double(0)),
    ])
  func empty(source: String, expected: CELValue) throws {
    let value = try evaluate(
      source,
      [
        ("doubles", .list(.double), .list([])), ("uints", .list(.uint), .list([])), ("ints", .list(.int), .list([])),
        ("maybe", .nullable(.list(.double)), .list([])), ("any", .dyn, .list([])),
      ])
    #expect(value == expected)
    #expect(value.typeName == expected.typeName)
  }
}
