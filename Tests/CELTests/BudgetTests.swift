import CEL
import Testing

@Suite struct BudgetTests {
  static let numbers = (0..<100).map { CELValue.int($0) }
  static let variables: [Variable] = [
    ("n", .list(.int), .list(numbers)), ("s", .string, .string(String(repeating: "a", count: 1000))),
  ]

  @Test(
    "a small expression that would do endless work ends in a budget error",
    arguments: [
      "n.map(a, n.map(b, n.map(c, n.map(d, a + b + c + d))))",
      "n.all(a, n.all(b, n.all(c, n.all(d, a + b + c + d >= 0))))",
      "n.map(a, n.map(b, s + s + s + s + s + s + s + s))",
      "n.map(a, n.map(b, n + n + n))",
      "n.map(a, n.map(b, s.replace('a', s)))",
      "n.map(a, n.map(b, n.map(c, s.matches('(a|b)*c'))))",
      "n.all(a, n.all(b, n.all(c, s == s + '')))",
      "n.map(a, n.map(b, n.map(c, '%s'.format([n]))))",
      "n.exists(a, n.exists(b, n.exists(c, s.matches('((a{1000}){1000}){' + string(c + 1) + '}'))))",
    ])
  func bombs(source: String) {
    #expect(failure(source, Self.variables)?.kind == .budget)
  }

  @Test("a value that shares its parts is charged for every time they occur")
  func sharedParts() {
    var source = "[0]"
    for _ in 0..<40 { source = "[\(source)].map(x, [x, x])[0]" }
    #expect(failure(source)?.kind == .budget)
    #expect(failure("\(source) == \(source)")?.kind == .budget)
    #expect(failure("size('%s'.format([\(source)]))")?.kind == .budget)
  }

  @Test("doubling a string forty times runs out of budget, not of memory")
  func doubling() {
    var source = "'aaaaaaaaaaaaaaaa'"
    for _ in 0..<40 { source = "[\(source)].map(x, x + x)[0]" }
    #expect(failure(source)?.kind == .budget)
  }

  @Test("no operator absorbs the end of the budget")
  func notAbsorbed() {
    for source in [
      "n.all(a, a >= 0) || true", "true && n.exists(a, a < 0) || true", "[1].exists(x, n.all(a, a >= 0) || true)",
    ] {
      #expect(failure(source, Self.variables, budget: 50)?.kind == .budget)
    }
  }

  @Test("an ordinary guard costs a handful of units")
  func ordinary() {
    let event = object(("data", object(("amount", .double(150)))))
    #expect(cost("event.data.amount > 100.0", [("event", .dyn, event)]) == 4)
  }
}
