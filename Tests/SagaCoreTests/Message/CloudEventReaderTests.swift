import SagaCore
import Testing

@Suite("Reading an event in one pass")
struct CloudEventReaderTests {
  @Test(
    "gives what reading it by way of its JSON value gives, event or fault",
    arguments: [
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T"}"#,
      #" { "specversion" : "1.0" , "id":"1","source":"/s","type":"T","data" : {"a":[1,2.5,null]} } "#,
      #"{"data":null,"type":"T","source":"/s","id":"1","specversion":"1.0","subject":"x","dataschema":"/d"}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T","time":"2017-01-09T08:49:50.000Z","datacontenttype":"a/b"}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T","b":"2","a":"1","flag":true,"number":3,"empty":""}"#,
      #"{"specversion":"1.0","id":"\u0041","source":"/s","type":"Größe","subject":null}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T","data_base64":"aGk="}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T","data":1,"data_base64":"aGk="}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T","id":"2"}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T","a":"1","a":"2"}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T","data":1,"data":2}"#,
      #"{"specversion":"0.3","id":"1","source":"/s","type":"T"}"#,
      #"{"id":"1","source":"/s","type":"T"}"#,
      #"{"specversion":"1.0","source":"/s","type":"T"}"#,
      #"{"specversion":"1.0","id":"","source":"/s","type":"T"}"#,
      #"{"specversion":"1.0","id":7,"source":"/s","type":"T"}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T","time":"yesterday"}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T","Upper":"1"}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T","with_line":"1"}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T","list":[1]}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T","a":-7,"b":false,"c":9223372036854775807}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T","a":9223372036854775808}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T","a":1.0}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T","a":1e2}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T","a":null,"b":tru}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T","a":1,"a":2}"#,
      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"T\",\"a\":\"\u{7F}\"}",
      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"T\",\"a\":\"\u{85}\"}",
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T"} {}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T",}"#,
      #"{"specversion":"1.0","id":"1","source":"/s","type":"T""#,
      #"{}"#, #"[]"#, "", "{", #"{"specversion":"1.0""#, #"{"a""#, #"{"a":"#,
    ])
  func same(text: String) {
    func outcome(_ body: () throws(MessageFault) -> CloudEvent) -> Result<CloudEvent, MessageFault> {
      Result(catching: body)
    }
    let bytes = Array(text.utf8)
    let byValue = outcome { () throws(MessageFault) in
      let json: JSON
      do throws(JSONError) { json = try JSONParser.parse(bytes) } catch { throw MessageFault(error) }
      return try CloudEvent(json: json)
    }
    #expect(outcome { () throws(MessageFault) in try CloudEvent.decode(bytes) } == byValue)
  }

  @Test("keeps the limits")
  func limits() throws {
    let bytes = Array(#"{"specversion":"1.0","id":"12345","source":"/s","type":"T","data":{"a":{"b":1}}}"#.utf8)
    #expect(throws: MessageFault.self) {
      try CloudEvent.decode(bytes, limits: JSONLimits(maximumBytes: bytes.count - 1))
    }
    #expect(throws: MessageFault.self) { try CloudEvent.decode(bytes, limits: JSONLimits(maximumDepth: 2)) }
    #expect(throws: MessageFault.self) { try CloudEvent.decode(bytes, limits: JSONLimits(maximumStringBytes: 4)) }
    #expect(throws: MessageFault.self) { try CloudEvent.decode(bytes, limits: JSONLimits(maximumMembers: 4)) }
    #expect(try CloudEvent.decode(bytes, limits: JSONLimits(maximumDepth: 3)).id == "12345")
  }
}
