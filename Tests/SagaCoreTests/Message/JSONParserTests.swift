import SagaCore
import Testing

@Suite("JSON parser") struct JSONParserTests {
  @Test(
    "accepts every form of RFC 8259",
    arguments: [
      ("null", .null), ("true", true), ("false", false), ("0", 0), ("-1", -1), ("\"\"", ""), ("[]", []), ("{}", [:]),
      (" \t\r\n[ 1 , 2 ] \n", [1, 2]), ("[[],{}]", [[], [:]]),
      (#"{"a":1,"b":{"c":[null]}}"#, ["a": 1, "b": ["c": [nil]]]),
      (#"{"":0}"#, ["": 0]), (#"{ "a" : "b" }"#, ["a": "b"]),
      (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""\uD83D\uDE00""#, "😀"),
      (#""a\u0000b""#, "a\u{0}b"), ("\"\u{7F}\"", "\u{7F}"), ("\"\u{2028}\u{FEFF}\"", "\u{2028}\u{FEFF}"),
      ("\"日本語 😀\"", "日本語 😀"), (#""ä\n""#, "ä\n"), (#"{"\u0061":1}"#, ["a": 1]), (#""\uFFFF""#, "\u{FFFF}"),
    ] as [(String, JSON)])
  func accepts(text: String, value: JSON) throws {
    #expect(try JSON.parse(text) == value)
  }

  @Test(
    "reads integral literals as integers and everything else as doubles",
    arguments: [
      ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
      ("9223372036854775808", .double(0x1p63)),
      ("-9223372036854775809", .double(-0x1p63)), ("18446744073709551616", .double(0x1p64)), ("-0", .double(-0.0)),
      ("1.0", .double(1)), ("1e2", .double(100)), ("1E+2", .double(100)), ("12.5e-1", .double(1.25)),
      ("-0.0", .double(-0.0)),
      ("0.1", .double(0.1)), ("123456789.987654321", .double(123_456_789.987654321)), ("1e22", .double(1e22)),
      ("1e23", .double(1e23)), ("8.5e-23", .double(8.5e-23)), ("5e-324", .double(.leastNonzeroMagnitude)),
      ("1e-999", .double(0)),
      ("0e999999999999999999999", .double(0)), ("1.7976931348623157e308", .double(.greatestFiniteMagnitude)),
      ("2.2250738585072014e-308", .double(.leastNormalMagnitude)),
      ("9007199254740993.0", .double(9_007_199_254_740_992)),
      ("0.30000000000000004", .double(0.1 + 0.2)), ("100000000000000000000000000000", .double(1e29)),
    ] as [(String, JSON)])
  func numbers(text: String, value: JSON) throws {
    let parsed = try JSON.parse(text)
    #expect(parsed == value)
    if case .double(let one) = parsed, case .double(let two) = value { #expect(one.sign == two.sign) }
  }

  @Test(
    "refuses what is no JSON, with the place",
    arguments: [
      ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("[1", .unexpectedEnd, 2), ("{\"a\":", .unexpectedEnd, 5),
      ("\"abc", .unexpectedEnd, 4), ("\"a\\", .unexpectedEnd, 3), ("\"\\u12", .unexpectedEnd, 5),
      ("tru", .unexpectedEnd, 3),
      ("-", .unexpectedEnd, 1), ("1.", .unexpectedEnd, 2), ("1e", .unexpectedEnd, 2), ("1e+", .unexpectedEnd, 3),
      ("[1,]", .syntax, 3), ("[,1]", .syntax, 1), ("[1 2]", .syntax, 3), ("{\"a\"}", .syntax, 4),
      ("{\"a\":1,}", .syntax, 7),
      ("{a:1}", .syntax, 1), ("{1:1}", .syntax, 1), ("{'a':1}", .syntax, 1), ("[1}", .syntax, 2),
      ("{\"a\":1]", .syntax, 6),
      ("True", .syntax, 0), ("nul1", .syntax, 3), ("NaN", .syntax, 0), ("Infinity", .syntax, 0),
      ("-Infinity", .syntax, 1),
      ("+1", .syntax, 0), (".5", .syntax, 0), ("01", .syntax, 0), ("-01", .syntax, 0), ("1.e1", .syntax, 2),
      ("0x1", .trailingContent, 1), ("1_000", .trailingContent, 1), ("[] []", .trailingContent, 3),
      ("1,", .trailingContent, 1),
      ("{}}", .trailingContent, 2), ("// c\n1", .syntax, 0), ("[1/**/]", .syntax, 2), ("\u{A0}1", .syntax, 0),
      ("1\u{0}", .trailingContent, 1), ("\u{0}", .syntax, 0), ("\"\\x\"", .invalidEscape, 2),
      ("\"\\u12G4\"", .invalidEscape, 5),
      ("\"\\ud800\"", .loneSurrogate, 1), ("\"\\ud800\\n\"", .loneSurrogate, 1), ("\"x\\udc00\"", .loneSurrogate, 2),
      ("\"\\ud800\\ud800\"", .loneSurrogate, 1), ("\"a\nb\"", .unescapedControl, 2),
      ("\"\u{0}\"", .unescapedControl, 1),
      ("\"\\n\t\"", .unescapedControl, 3), ("1e999", .numberOutOfRange, 0), ("[-1e309]", .numberOutOfRange, 1),
      ("\u{FEFF}{}", .byteOrderMark, 0), ("{\"a\":1,\"a\":1}", .duplicateKey, 7),
      ("{\"a\":1,\"\\u0061\":2}", .duplicateKey, 7),
    ] as [(String, JSONError.Kind, Int)])
  func refuses(text: String, kind: JSONError.Kind, offset: Int) {
    let error = #expect(throws: JSONError.self) { try JSON.parse(text) }
    #expect(error?.kind == kind)
    #expect(error?.offset == offset)
  }

  @Test(
    "refuses ill-formed UTF-8",
    arguments: [
      ([0x80], 0), ([0xFF], 0), ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0), ([0xE0, 0x80, 0x80], 0), ([0xED, 0xA0, 0x80], 0),
      ([0xF0, 0x80, 0x80, 0x80], 0), ([0xF4, 0x90, 0x80, 0x80], 0), ([0xF5, 0x80, 0x80, 0x80], 0), ([0xC3], 0),
      ([0xE2, 0x82], 0), ([0x61, 0xC3, 0xA9, 0xE2, 0x28], 3), ([0xF0, 0x9F, 0x98], 0),
    ] as [([UInt8], Int)])
  func illFormed(bytes: [UInt8], offset: Int) {
    for prefix in ["\"", "\"\\n"] {
      let error = #expect(throws: JSONError.self) {
        try JSONParser.parse(Array(prefix.utf8) + bytes + Array("\"".utf8))
      }
      #expect(error?.kind == .invalidUTF8)
      #expect(error?.offset == offset + prefix.utf8.count)
    }
    let outside = #expect(throws: JSONError.self) { try JSONParser.parse([0xFF]) }
    #expect(outside?.kind == .invalidUTF8)
  }

  @Test("names the key that stands twice, also in a large object") func duplicateKeys() {
    let many = (0..<100).map { "\"key\($0)\":\($0)" }.joined(separator: ",")
    let error = #expect(throws: JSONError.self) { try JSON.parse("{\(many),\"key42\":0}") }
    #expect(error?.kind == .duplicateKey)
    #expect(error?.message.contains("\"key42\"") == true)
  }

  @Test("tells keys apart by code points, not by canonical equivalence") func canonicallyEquivalentKeys() throws {
    let value = try JSON.parse(#"{"\u00e9":1,"e\u0301":2}"#)
    #expect(value["\u{E9}"] == 1)
    #expect(value["e\u{301}"] == 2)
  }

  @Test("reads a slice of memory as it reads an array") func rawBuffer() throws {
    let value = try Array("[1]".utf8).withUnsafeBytes { try JSONParser.parse($0) }
    #expect(value == [1])
  }
}
