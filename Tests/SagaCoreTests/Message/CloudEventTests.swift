import SagaCore
import Testing

@Suite("CloudEvents") struct CloudEventTests {
  private func decode(_ text: String) throws(MessageFault) -> CloudEvent { try CloudEvent.decode(Array(text.utf8)) }

  static let minimal = #"{"specversion":"1.0","id":"1","source":"/s","type":"T"}"#

  @Test("a minimal event decodes and encodes to the same bytes") func minimalEvent() throws {
    let event = try decode(CloudEventTests.minimal)
    #expect(event == CloudEvent(id: "1", source: "/s", type: "T"))
    #expect(event.encode() == Array(CloudEventTests.minimal.utf8))
    #expect(event.timestamp == nil)
  }

  @Test("a full event keeps everything, in the fixed order") func fullEvent() throws {
    let event = try decode(
      """
      {"data":{"b":1,"a":[2.5]},"zeta":true,"sagakey":"k","datacontenttype":"application/json","dataschema":"urn:x","n":-3,
       "time":"2017-01-09T08:49:50+00:00","subject":"sub","type":"T","source":"/s","id":"1","specversion":"1.0","gone":null}
      """)
    #expect(
      String(decoding: event.encode(), as: UTF8.self) == #"{"specversion":"1.0","id":"1","source":"/s","type":"T","#
        + #""subject":"sub","time":"2017-01-09T08:49:50+00:00","dataschema":"urn:x","datacontenttype":"application/json","#
        + #""zeta":true,"sagakey":"k","n":-3,"data":{"b":1,"a":[2.5]}}"#)
    #expect(event.timestamp?.milliseconds == 1_483_951_790_000)
    #expect(event.sagakey == "k")
    #expect(event.correlationid == nil)
    #expect(JSONWriter.compact(event.json) == event.encode())
    #expect(try CloudEvent(json: event.json) == event)
  }

  @Test("binary data stays what it is") func binaryData() throws {
    let event = try decode(#"{"specversion":"1.0","id":"1","source":"/s","type":"T","data_base64":"AAEC/w=="}"#)
    #expect(event.data == "AAEC/w==")
    #expect(event.dataIsBase64)
    #expect(try CloudEvent.decode(event.encode()) == event)
    #expect(JSONWriter.compact(event.json) == event.encode())
  }

  @Test("null data is data") func nullData() throws {
    let event = try decode(#"{"specversion":"1.0","id":"1","source":"/s","type":"T","data":null}"#)
    #expect(event.data == .null)
    #expect(try CloudEvent.decode(event.encode()) == event)
  }

  @Test("the attributes the engine sets are extensions") func extensions() throws {
    var event = try decode(CloudEventTests.minimal)
    event.correlationid = "c"
    event.messagekind = "command"
    event.undoes = "u"
    event.undoes = nil
    event.timestamp = Timestamp(milliseconds: 0)
    #expect(event.extensions == ["correlationid": "c", "messagekind": "command"])
    #expect(event.time == "1970-01-01T00:00:00.000Z")
  }

  @Test(
    "a bad event is refused with a code and the name of what is wrong",
    arguments: [
      ("", "message.undecodable", "ends"), ("[]", "message.undecodable", "an array"),
      ("3", "message.undecodable", "a number"),
      (#"{"specversion":"1.0","id":"1","id":"2"}"#, "message.undecodable", "\"id\""),
      (#"{"id":"1","source":"/s","type":"T"}"#, "message.specversion", "missing"),
      (#"{"specversion":"0.3","id":"1","source":"/s","type":"T"}"#, "message.specversion", "\"0.3\""),
      (#"{"specversion":1.0,"id":"1","source":"/s","type":"T"}"#, "message.specversion", "1"),
      (#"{"specversion":"1.0","source":"/s","type":"T"}"#, "message.attribute", "\"id\" is missing"),
      (#"{"specversion":"1.0","id":null,"source":"/s","type":"T"}"#, "message.attribute", "\"id\" is missing"),
      (#"{"specversion":"1.0","id":"","source":"/s","type":"T"}"#, "message.attribute", "\"id\" is empty"),
      (#"{"specversion":"1.0","id":7,"source":"/s","type":"T"}"#, "message.attribute", "\"id\" is a number"),
      (#"{"specversion":"1.0","id":"1","type":"T"}"#, "message.attribute", "\"source\""),
      (#"{"specversion":"1.0","id":"1","source":"/s"}"#, "message.attribute", "\"type\""),
      (#"{"specversion":"1.0","id":"a\u0000b","source":"/s","type":"T"}"#, "message.attribute", "control character"),
      (
        #"{"specversion":"1.0","id":"1","source":"/s","type":"T","x":"é\u0085"}"#, "message.attribute",
        "control character"
      ),
      (#"{"specversion":"1.0","id":"1","source":"/s","type":"T","subject":""}"#, "message.attribute", "\"subject\""),
      (#"{"specversion":"1.0","id":"1","source":"/s","type":"T","time":"today"}"#, "message.attribute", "\"time\""),
      (#"{"specversion":"1.0","id":"1","source":"/s","type":"T","time":0}"#, "message.attribute", "\"time\""),
      (#"{"specversion":"1.0","id":"1","source":"/s","type":"T","orderId":"x"}"#, "message.attribute", "\"orderId\""),
      (#"{"specversion":"1.0","id":"1","source":"/s","type":"T","x":{}}"#, "message.attribute", "an object"),
      (#"{"specversion":"1.0","id":"1","source":"/s","type":"T","x":1.5}"#, "message.attribute", "a number"),
      (
        #"{"specversion":"1.0","id":"1","source":"/s","type":"T","data":1,"data_base64":"AA=="}"#, "message.data",
        "both"
      ),
      (#"{"specversion":"1.0","id":"1","source":"/s","type":"T","data_base64":"A"}"#, "message.data", "base64"),
      (#"{"specversion":"1.0","id":"1","source":"/s","type":"T","data_base64":7}"#, "message.data", "base64"),
    ])
  func refused(text: String, code: String, part: String) {
    let fault = #expect(throws: MessageFault.self) { try decode(text) }
    #expect(fault?.code == code)
    #expect(fault?.message.contains(part) == true, "\(fault?.message ?? "")")
    #expect(fault?.isRetryable == false)
  }

  @Test("a message over a limit is told apart from one that is no JSON") func limits() {
    let limits = JSONLimits(maximumBytes: 20)
    let fault = #expect(throws: MessageFault.self) {
      try CloudEvent.decode(Array(CloudEventTests.minimal.utf8), limits: limits)
    }
    #expect(fault?.code == "message.limit")
  }

  @Test(
    "base64 reads back and refuses bits that mean nothing",
    arguments: [("", []), ("AA==", [0]), ("//8=", [255, 255]), ("AAEC", [0, 1, 2])] as [(String, [UInt8])])
  func base64(text: String, bytes: [UInt8]) {
    #expect(Base64.encode(bytes) == text)
    #expect(Base64.decode(text) == bytes)
    for bad in ["A", "AA", "AA=", "A===", "AB==", "AAE", "AA-_", "A A=", "====", "AA==AA=="] {
      #expect(Base64.decode(bad) == nil)
    }
  }
}
