import SagaCore
import Testing

@Suite("JSON objects") struct JSONObjectTests {
  @Test("keep insertion order, replace in place and remove", arguments: [3, 16, 17, 40]) func order(count: Int) {
    var object = JSONObject((0..<count).map { ("k\($0)", .int(Int64($0))) })
    object["k1"] = "new"
    #expect(object.keys == (0..<count).map { "k\($0)" })
    #expect(object["k1"] == "new")
    object["k0"] = nil
    object["absent"] = nil
    #expect(object.count == count - 1)
    #expect(object["k0"] == nil)
    #expect(object["k\(count - 1)"] == (count == 2 ? "new" : .int(Int64(count - 1))))
    object["k0"] = 0
    #expect(object.last?.key == "k0")
    #expect(object["k0"] == 0)
  }

  @Test("a later member of the same key replaces the earlier one") func laterReplaces() {
    #expect(JSONObject([("a", 1), ("b", 2), ("a", 3)]).map { "\($0.key)=\($0.value)" } == ["a=3", "b=2"])
  }

  @Test("are equal in any order, and then hash equally", arguments: [2, 30]) func equality(count: Int) {
    let members = (0..<count).map { ("k\($0)", JSON.int(Int64($0))) }
    let one = JSONObject(members)
    let other = JSONObject(members.reversed())
    #expect(one == other)
    #expect(one.hashValue == other.hashValue)
    var changed = other
    changed["k0"] = "x"
    #expect(one != changed)
    changed["k0"] = nil
    #expect(one != changed)
  }

  @Test("values differ by kind of number, but are equivalent") func numbers() throws {
    #expect(JSON.int(1) != .double(1))
    #expect((["a": [1, 2.5]] as JSON).isEquivalent(to: ["a": [1.0, 2.5]]))
    #expect(!JSON.int(.max).isEquivalent(to: .double(0x1p63)))
    #expect(JSON.int(.min).isEquivalent(to: .double(-0x1p63)))
    #expect(!JSON.int(9_007_199_254_740_993).isEquivalent(to: .double(9_007_199_254_740_992)))
    #expect(!JSON.int(1).isEquivalent(to: "1"))
    #expect(!(["a": 1] as JSON).isEquivalent(to: ["b": 1]))
  }

  @Test("accessors give what is there and nil for the rest") func accessors() {
    let value: JSON = ["s": "x", "i": 3, "d": 2.5, "w": 4.0, "b": true, "a": [1], "n": nil]
    #expect(value["s"]?.stringValue == "x")
    #expect(value["i"]?.intValue == 3)
    #expect(value["i"]?.doubleValue == 3)
    #expect(value["w"]?.intValue == 4)
    #expect(value["d"]?.intValue == nil)
    #expect(value["b"]?.boolValue == true)
    #expect(value["a"]?[0] == 1)
    #expect(value["a"]?[1] == nil)
    #expect(value["n"]?.isNull == true)
    #expect(value["absent"] == nil)
    #expect(value["s"]?["x"] == nil)
  }
}
