import ModelFile
import Testing

@Suite("JSON values")
struct JSONValueTests {
    static let values: [JSONValue] = [
        nil, true, false, 0, 1, -1, 1.5, 0.1, 1e300, -1e-300, 9_007_199_254_740_993, "", "a",
        "grün \u{1F600} \" \\ / \n \u{1}",
        [], [1, "2", nil, [true]], [:], ["a": 1, "b": ["c": []], "": nil],
    ]

    @Test("Written and read again they are the same", arguments: values)
    func roundTrip(_ value: JSONValue) throws {
        #expect(try JSONValue(parsing: value.text) == value)
    }

    @Test("True is not 1, and a whole number has no point")
    func kinds() throws {
        #expect(try JSONValue(parsing: "true") == .bool(true))
        #expect(try JSONValue(parsing: "1") == .number(1))
        #expect(try JSONValue(parsing: "[0, false]") == [.number(0), .bool(false)])
        #expect(JSONValue.number(8).text == "8")
        #expect(JSONValue.number(1e15).text == "1000000000000000")
        #expect(try JSONValue(parsing: " {\"a\" : 1e2 } ") == ["a": 100])
    }

    @Test("Keys are sorted, so that equal values are equal text")
    func sorted() {
        let value: JSONValue = ["b": 1, "a": ["d": 2, "c": 3], "/": "/"]
        #expect(value.text == "{\"/\":\"/\",\"a\":{\"c\":3,\"d\":2},\"b\":1}")
    }

    @Test("Members and elements by kind")
    func access() {
        let value: JSONValue = ["n": 2, "x": 2.5, "s": "t", "l": [1], "b": false, "null": nil]
        #expect(value["n"]?.integer == 2)
        #expect(value["x"]?.integer == nil)
        #expect(value["x"]?.number == 2.5)
        #expect(value["s"]?.string == "t")
        #expect(value["s"]?.number == nil)
        #expect(value["l"]?.array == [1])
        #expect(value["b"]?.bool == false)
        #expect(value["n"]?.bool == nil)
        #expect(value["null"] == nil)
        #expect(value["none"] == nil)
        #expect(JSONValue.array([1])["n"] == nil)
        #expect(JSONValue.number(1e300).integer == nil)
        #expect(JSONValue.number(.nan).integer == nil)
    }

    @Test("What is not JSON is refused", arguments: ["", "{", "[1,,2]", "nan", "'a'", "{\"a\" 1}", "1 2", "\u{0}"])
    func refused(_ text: String) throws {
        let error = try #require(throws: ModelError.self) { _ = try JSONValue(parsing: text) }
        #expect(error.kind == .badData)
    }
}
