import OrderedJSON
import Testing

@Suite struct JSONReaderTests {
  /// Text, and the message with its place.
  @Test(arguments: [
    ("", "a.json:1:1: the text is empty. It should hold one JSON value."),
    ("  \n ", "a.json:2:2: the text is empty. It should hold one JSON value."),
    (
      "{\"a\": 1,\n \"b\": 2,\n \"a\": 3}", "a.json:3:2: the key \"a\" occurs twice, first at line 1. Keep one of them."
    ),
    ("{\"a\": 1,}", "a.json:1:9: found '}' where a key in quotation marks should stand."),
    ("[1, 2", "a.json:1:6: the text ends where a comma or the end ] of the list should stand."),
    ("[1 2]", "a.json:1:4: found '2' where a comma or the end ] of the list should stand."),
    ("{\"a\" 1}", "a.json:1:6: found '1' where the colon after the key should stand."),
    ("{a: 1}", "a.json:1:2: found 'a' where a key in quotation marks should stand."),
    ("[01]", "a.json:1:3: a number does not start with 0. Remove the leading zero."),
    ("[1.]", "a.json:1:4: found ']' where a digit should stand."),
    ("[-]", "a.json:1:3: found ']' where a digit should stand."),
    ("[1e+]", "a.json:1:5: found ']' where a digit should stand."),
    ("[.5]", "a.json:1:2: found '.' where a value should stand."),
    (
      "[+1]",
      "a.json:1:2: '+1' is not a JSON value. Put text in quotation marks; the words of JSON are true, false and null."
    ),
    (
      "[NaN]",
      "a.json:1:2: 'NaN' is not a JSON value. Put text in quotation marks; the words of JSON are true, false and null."
    ),
    (
      "[nul]",
      "a.json:1:2: 'nul' is not a JSON value. Put text in quotation marks; the words of JSON are true, false and null."
    ),
    (
      "[] []", "a.json:1:4: found '[' after the end of the value. Remove what follows the value, or check the brackets."
    ),
    ("\"ab", "a.json:1:1: the text in quotation marks that starts here does not end."),
    ("\"a\nb\"", "a.json:1:3: found the byte 0x0a inside quotation marks. Write it as an escape, such as \\n or \\t."),
    (
      "[\"\u{e9}\u{1d11e}\", x]",
      "a.json:1:8: 'x' is not a JSON value. Put text in quotation marks; the words of JSON are true, false and null."
    ),
    ("\"\\x\"", "a.json:1:2: an escape that JSON does not have. Write a backslash itself as \\\\."),
    ("\"\\ud800\"", "a.json:1:2: an escape \\u… that is no character."),
    ("\"\\udc00\"", "a.json:1:2: an escape \\u… that is no character."),
    ("\"\\u00g0\"", "a.json:1:2: an escape \\u… that is no character."),
    ("\"\\", "a.json:1:2: an escape that JSON does not have. Write a backslash itself as \\\\."),
    ("\u{e9}", "a.json:1:1: found a character outside ASCII where a value should stand."),
    ("// a\n1", "a.json:1:1: found '/' where a value should stand."),
  ])
  func refusal(text: String, message: String) {
    let error = #expect(throws: JSONError.self) { try JSONReader.read(text, source: "a.json") }
    #expect(error?.description == message)
  }

  @Test func bytesThatAreNoText() {
    let cases: [([UInt8], String)] = [
      ([0x22, 0xff, 0x22], "a.json:1:1: the text is not UTF-8. Save the file as UTF-8."),
      // An overlong slash, and a surrogate in UTF-8.
      ([0x22, 0xc0, 0xaf, 0x22], "a.json:1:1: the text is not UTF-8. Save the file as UTF-8."),
      ([0x22, 0xed, 0xa0, 0x80, 0x22], "a.json:1:1: the text is not UTF-8. Save the file as UTF-8."),
      ([0xff, 0xfe, 0x31, 0x00], "a.json:1:1: the text is UTF-16. Save it as UTF-8."),
      ([0x00], "a.json:1:1: found the byte 0x00 where a value should stand."),
    ]
    for (bytes, message) in cases {
      let error = #expect(throws: JSONError.self) { try JSONReader.read(bytes, source: "a.json") }
      #expect(error?.description == message)
    }
  }

  @Test func nestingStopsAtTheLimit() throws {
    let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    _ = try JSONReader.read(deep, source: "a.json")
    let error = #expect(throws: JSONError.self) {
      try JSONReader.read(String(repeating: "[", count: 1_000_000), source: "a.json")
    }
    #expect(error?.description == "a.json:1:65: values are nested more than 64 deep.")
    #expect(error?.keyPath.count == 64)
  }

  @Test func readsEveryKindOfValue() throws {
    let text =
      "\u{feff}{\"n\": null, \"t\": [true, false], \"s\": \"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud834\\udd1e\", \"x\": -1.50e+2}\r\n"
    let value = try JSONReader.read(text, source: "a.json").value
    #expect(
      value
        == .object([
          .init("n", .null), .init("t", [true, false]), .init("s", .string("a\"\\/\u{8}\u{c}\n\r\t\u{e9}\u{1d11e}")),
          .init("x", value["x"] ?? .null),
        ]))
    #expect(value["x"]?.double == -150)
    // The number's text is kept, to the last digit.
    #expect(value.serialized(.compact).hasSuffix("\"x\":-1.50e+2}"))
  }

  @Test func commentsWhereAllowed() throws {
    let text = "// one\n{ /* two\n * */ \"a\": 1 // three\n} /**/"
    #expect(try JSONReader.read(text, source: "a.json", allowsComments: true).value == ["a": 1])
    for (text, message) in [
      ("/* x", "a.json:1:1: the comment that starts here does not end."),
      ("[1 / 2]", "a.json:1:4: found '/' where a value, a comma or a bracket should stand."),
    ] {
      let error = #expect(throws: JSONError.self) {
        try JSONReader.read(text, source: "a.json", allowsComments: true)
      }
      #expect(error?.description == message)
    }
  }

  @Test func placesOfValuesAndKeys() throws {
    let node = try JSONReader.read("{\n  \"\u{e9}\": {\"b\": [10,\n 20]}}", source: "a.json")
    guard case .object(let members) = node.content, case .array(let elements)? = node["\u{e9}"]?["b"]?.content else {
      Issue.record("wrong shape")
      return
    }
    #expect(members[0].place.description == "a.json:2:3")
    #expect(elements.map(\.place.description) == ["a.json:2:15", "a.json:3:2"])
  }

  @Test(arguments: [
    ("1", 1), ("1e3", 1000), ("2.0", 2), ("-7", -7), ("1.5", nil), ("9007199254740992", 9_007_199_254_740_992),
    ("9223372036854775808", nil), ("1e400", nil),
  ])
  func wholeNumbers(text: String, integer: Int?) throws {
    #expect(try JSONReader.read(text, source: "a.json").value.integer == integer)
  }

  @Test func numbersReadBackAsTheyWere() throws {
    var state: UInt64 = 1
    var values: [Double] = [0, -0.0, 1, 130, 0.1, 1e15, 1e-8, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
    for _ in 0..<2000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let value = Double(bitPattern: state)
      if value.isFinite { values.append(value) }
    }
    for value in values {
      let text = JSONNumber(value).text
      #expect(try JSONReader.read(text, source: "").value.double?.bitPattern == value.bitPattern, "\(text)")
      let single = Float(value)
      guard single.isFinite else { continue }
      #expect(Float(JSONNumber(single).text)?.bitPattern == single.bitPattern)
    }
    #expect(JSONNumber(130.0).text == "130")
    #expect(JSONNumber(Float(0.1)).text == "0.1")
  }

  @Test func writingIsPrettyAndReadsBack() throws {
    let value: JSON = [
      "a": [1, 2, 3], "b": ["c": ["d": [.null, true]], "e": []],
      "f": [["g": 1, "h": "x"], ["g": 2, "h": "y"]], "k": "\u{202e}\u{7f}\u{1b}[31m",
    ]
    let text = """
      {
        "a": [1, 2, 3],
        "b": {
          "c": {
            "d": [null, true]
          },
          "e": []
        },
        "f": [
          {"g": 1, "h": "x"},
          {"g": 2, "h": "y"}
        ],
        "k": "\\u202e\\u007f\\u001b[31m"
      }

      """
    #expect(value.serialized() == text)
    #expect(try JSONReader.read(text, source: "").value == value)
    #expect(try JSONReader.read(value.serialized(.compact), source: "").value == value)
  }

  /// Whatever the bytes, the reader returns or throws, and its work is linear.
  @Test func survivesMangledText() throws {
    let text = Array("{\"a\": [1, -2.5e3, \"\\u00e9\u{e9}\", {\"b\": null}], /* c */ \"d\": true}".utf8)
    var state: UInt64 = 42
    for _ in 0..<20_000 {
      var bytes = text
      for _ in 0..<2 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let position = Int(state >> 33) % bytes.count
        if state & 0x10000 == 0 {
          bytes.remove(at: position)
        } else {
          bytes[position] = UInt8(truncatingIfNeeded: state >> 20)
        }
      }
      if let node = try? JSONReader.read(bytes, source: "", allowsComments: true) {
        #expect(try JSONReader.read(node.value.serialized(), source: "").value == node.value)
      }
    }
  }
}
