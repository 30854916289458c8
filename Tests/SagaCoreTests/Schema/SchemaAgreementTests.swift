import CEL
import SagaCore
import Testing

@Suite("The type and the normalised value of a schema agree") struct SchemaAgreementTests {
  private static let integerWhere = ##""properties":{"v":{"type":"integer"}}"##
  private static let number = ##""type":"object","properties":{"v":{"type":"number"},"k":{"type":"string"}}"##
  private static let kind = ##"{"required":["k"],"properties":{"k":{"const":"i"}}}"##

  private static let schemas = [
    "{\(number),\"if\":\(kind),\"then\":{\(integerWhere)}}",
    "{\(number),\"if\":\(kind),\"then\":true,\"else\":{\(integerWhere)}}",
    "{\(number),\"anyOf\":[{\(integerWhere)},true]}", "{\(number),\"oneOf\":[{\(integerWhere)},\(kind)]}",
    "{\(number),\"dependentSchemas\":{\"k\":{\(integerWhere)}}}",
    "{\(number),\"patternProperties\":{\"^v\":{\"type\":\"integer\"}}}",
    "{\(number),\"allOf\":[{\(integerWhere)}]}", "{\(number),\"allOf\":[{\"properties\":{\"v\":{\"minimum\":0}}}]}",
    "{\(number),\"allOf\":[{\"properties\":{\"k\":{}},\"additionalProperties\":{\"type\":\"integer\"}}]}",
    ##"{"type":"object","properties":{"v":{"type":"integer"}},"anyOf":[{"properties":{"v":{"type":"number"}}}]}"##,
    ##"{"type":"object","properties":{"v":{"type":"number","anyOf":[{"type":"integer"},{"minimum":2}]}}}"##,
    ##"{"type":"object","properties":{"v":{"type":["integer","number"],"if":{"maximum":2},"then":{"type":"integer"}}}}"##,
    ##"{"type":"object","properties":{"v":{"type":["number","null"],"oneOf":[{"type":"integer"},{"type":"null"}]}}}"##,
    ##"{"type":"object","properties":{"v":{"allOf":[{"type":"number"},{"type":"integer"}]}}}"##,
    ##"{"type":"object","properties":{"v":{"allOf":[{"type":["integer","number"]},{"type":["integer","null"]}]}}}"##,
    ##"{"type":"object","additionalProperties":{"type":"number"},"anyOf":[{"additionalProperties":{"type":"integer"}},true]}"##,
    ##"{"type":"object","properties":{"l":{"type":"array","items":{"type":"number"}}},"anyOf":[{"properties":{"l":{"items":{"type":"integer"}}}},true]}"##,
    ##"{"type":"object","properties":{"l":{"type":"array","items":{"$ref":"#/$defs/n"},"contains":{"type":"integer"}}},"$defs":{"n":{"type":"number","anyOf":[{"type":"integer"},true]}}}"##,
    ##"{"$ref":"#/$defs/o","if":{"required":["v"]},"then":{"properties":{"v":{"type":"integer"}}},"$defs":{"o":{"type":"object","properties":{"v":{"type":"number"}}}}}"##,
  ]

  private static let values: [JSON] = {
    let numbers: [JSON] = [1, .double(1), 3, .double(2.5)]
    var values: [JSON] = [[:], ["v": nil], ["k": "i"], ["l": []], ["l": .array(numbers)], ["l": [1, .double(3)]]]
    for number in numbers {
      values += [
        ["v": number], ["v": number, "k": "i"], ["v": number, "k": "d"], ["k": "d", "v": number, "w": number],
      ]
    }
    return values
  }()

  private static func fits(_ value: CELValue, _ type: CELType) -> Bool {
    switch (type, value) {
    case (.dyn, _), (.nullable, .null): true
    case (.nullable(let wrapped), _): fits(value, wrapped)
    case (.null, .null), (.bool, .bool), (.int, .int), (.double, .double), (.string, .string): true
    case (.list(let element), .list(let elements)): elements.allSatisfy { fits($0, element) }
    case (.map(_, let element), .map(let map)): map.entries.allSatisfy { fits($0.value, element) }
    case (.object(let object), .map(let map)):
      object.fields.allSatisfy { field in map[field.name].map { fits($0, field.type) } ?? true }
    default: false
    }
  }

  @Test("every valid value has the type once it is normalised, alternatives or not", arguments: schemas)
  func property(text: String) throws {
    let schema = try Schema(json: JSON.parse(text))
    let type = schema.celType
    #expect(type != .dyn)
    var count = 0
    for value in Self.values where schema.isValid(value) {
      count += 1
      let normalised = schema.normalise(value)
      #expect(Self.fits(CELValue(normalised), type), "\(value) became \(normalised)")
      #expect(schema.normalise(normalised) == normalised)
    }
    #expect(count > 3)
  }

  @Test("what is always a number stays a double where an alternative says integer, and else becomes an int")
  func winner() throws {
    let always = try Schema(json: JSON.parse(Self.schemas[0]))
    #expect(always.normalise(["k": "i", "v": 1]) == ["k": "i", "v": .double(1)])
    let sometimes = try Schema(json: JSON.parse("{\"if\":\(Self.kind),\"then\":{\(Self.integerWhere)}}"))
    #expect(sometimes.normalise(["k": "i", "v": .double(1)]) == ["k": "i", "v": 1])
  }
}
