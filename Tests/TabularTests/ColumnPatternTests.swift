import Testing

@testable import Tabular

@Suite("Lists of columns")
struct ColumnPatternTests {
    private let names = ["age", "sex", "pixel_0", "pixel_1", "pixel_10", "7", "a*", "", "Age"]

    private func columns(_ list: String) throws(TableError) -> [Int] {
        try ColumnPattern(list).columns(of: names, in: "file", flag: "--features")
    }

    @Test(
        "Names, indices and globs mean columns, each once, in order",
        arguments: [
            ("age", [0]), ("sex,age", [0, 1]), (" sex , age ", [0, 1]), ("age,age,0", [0]), ("1", [1]),
            ("8,0", [0, 8]),
            ("pixel_*", [2, 3, 4]), ("pixel_?", [2, 3]), ("*", [0, 1, 2, 3, 4, 5, 6, 7, 8]), ("*1*", [3, 4]),
            ("p*_1", [3]), ("?ge", [0, 8]), ("*ge,2", [0, 2, 8]), ("**0", [2, 4]), ("pixel_1*", [3, 4]),
        ] as [(String, [Int])])
    func meaning(_ list: String, _ expected: [Int]) throws {
        #expect(try columns(list) == expected)
    }

    @Test("A name wins over an index, and over a glob")
    func precedence() throws {
        #expect(try columns("7") == [5])
        #expect(try columns("a*") == [6])
        #expect(try columns("5") == [5])
    }

    @Test(
        "A part that means nothing is named, with what there is",
        arguments: ["ag", "9", "-1", "x*", "pixel_??x", "AGE"])
    func unknown(_ part: String) throws {
        let error = try #require(thrownError { () throws(TableError) in _ = try columns("sex,\(part)") })
        #expect(error.kind == .badRequest)
        #expect(error.file == "file")
        #expect(error.message.contains("--features names '\(part)'"))
        #expect(error.message.contains("'age'"))
    }

    @Test("The likeliest is suggested, and nothing far-fetched")
    func suggestion() throws {
        func message(_ list: String) -> String {
            thrownError { () throws(TableError) in _ = try columns(list) }?.message ?? ""
        }
        #expect(message("pixel_2").contains("did you mean 'pixel_0'?"))
        #expect(message("ags").contains("did you mean 'age'?"))
        #expect(!message("temperature").contains("did you mean"))
        let many = (0..<50).map { "c\($0)" }
        let listing = thrownError { () throws(TableError) in
            _ = try ColumnPattern("zzz").columns(of: many, in: "file", flag: "--ignore")
        }
        #expect(listing?.message.contains("and 38 more") == true)
    }

    @Test("One name is taken whole, commas and all")
    func name() throws {
        #expect(try ColumnPattern(name: "a,b").columns(of: ["a", "b", "a,b"], in: "f", flag: "--target") == [2])
    }

    @Test("Many stars are answered at once")
    func backtracking() throws {
        let name = String(repeating: "a", count: 20_000)
        let pattern = String(repeating: "a*", count: 40) + "b"
        #expect(throws: TableError.self) {
            _ = try ColumnPattern(pattern).columns(of: [name], in: "f", flag: "--features")
        }
        #expect(try ColumnPattern(String(repeating: "*a", count: 40)).columns(of: [name], in: "f", flag: "--x") == [0])
    }
}
