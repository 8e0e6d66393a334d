import Testing

@testable import Tabular

@Suite("CSV: several tables as one")
struct CSVConcatenationTests {
    private static let first = "a,b,c\n1,x,2\n3,y,NA\n"
    private static let second = "c,a,b\n4,5,z\n6,7,x\n8,9,\n"

    @Test("Columns are matched by name, rows and codes continue")
    func reading() throws {
        let source = try ConcatenatedSource([try CSVSource(text: Self.first), try CSVSource(text: Self.second)])
        #expect(source.columnNames == ["a", "b", "c"])
        #expect(
            try source.cells() == [
                ["1", "x", "2"], ["3", "y", nil], ["5", "z", "4"], ["7", "x", "6"], ["9", nil, "8"],
            ])
        #expect(try source.numbers([0]) == [1, 3, 5, 7, 9])
        var firstRows: [Int] = []
        var codes: [Int32] = []
        let given = ColumnSelection(text: [.init(column: 1, levels: ["z", "x"]), .init(column: 1)])
        try source.read(given) { chunk throws(TableError) in
            firstRows.append(chunk.firstRow)
            codes += chunk.codes
        }
        #expect(firstRows == [0, 2])
        #expect(codes == [1, 0, -2, 1, 0, 2, 1, 0, -1, -1])
    }

    @Test("A joined profile is the profile of the joined text", arguments: 0..<6)
    func profile(_ seed: UInt64) throws {
        var generator = CSVTestGenerator(seed: seed)
        let parts = (0..<3).map { part in
            (0..<Int.random(in: 1...50, using: &generator)).map { _ in
                let number = Int.random(in: 0...3, using: &generator)
                return number == 0 && part != 1 ? "NA,w\(part)\n" : "\(Double(number * part) / 3),w\(number)\n"
            }.joined()
        }
        let sources = try parts.map { try CSVSource(text: "n,w\n" + $0, separator: 0x2C, hasHeader: true) }
        let joined = try ConcatenatedSource(sources).profile()
        let whole = try CSVSource(text: "n,w\n" + parts.joined(), separator: 0x2C, hasHeader: true).profile()
        #expect(joined.rowCount == whole.rowCount)
        for (own, other) in zip(joined.columns, whole.columns) {
            #expect(own.levels == other.levels)
            #expect(own.range == other.range)
            #expect(own.missingCount == other.missingCount)
            #expect(own.numberCount == other.numberCount)
            #expect(own.integerCount == other.integerCount)
            #expect(own.textCount == other.textCount)
            #expect(own.firstText?.text == other.firstText?.text)
            #expect(abs(own.mean - other.mean) < 1e-13)
            #expect(abs(own.variance - other.variance) < 1e-13)
        }
    }

    @Test("Tables with other columns are refused by name")
    func mismatch() throws {
        let first = try CSVSource(text: "a,b\n1,2\n")
        let other = try CSVTestFile("a,c,d\n1,2,3\n", name: "other.csv")
        let second = try CSVSource(path: other.path)
        let error = thrownError { () throws(TableError) in _ = try ConcatenatedSource([first, second]) }
        #expect(error?.file == other.path)
        #expect(error?.message.contains("lacks 'b'") == true)
        #expect(error?.message.contains("has 'c', 'd' besides") == true)
        #expect(thrownError { () throws(TableError) in _ = try ConcatenatedSource([]) }?.kind == .badRequest)
    }
}
