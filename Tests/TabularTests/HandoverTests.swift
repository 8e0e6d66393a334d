import Testing

@testable import Tabular

@Suite("Handing over between threads")
struct HandoverTests {
    @Test("Everything comes once, in order", arguments: [1, 2, 100])
    func order(_ capacity: Int) throws {
        let numbers = Handover<Int>(capacity: capacity) { put throws(TableError) in
            for number in 0..<1000 { #expect(put(number)) }
        }
        var found: [Int] = []
        while let number = try numbers.next() { found.append(number) }
        numbers.cancel()
        #expect(found == Array(0..<1000))
    }

    @Test("What was made before an error comes first")
    func failure() throws {
        let failure = TableError(.badData, file: "f", "m")
        let numbers = Handover<Int>(capacity: 3) { put throws(TableError) in
            _ = put(1)
            throw failure
        }
        #expect(try numbers.next() == 1)
        #expect(throws: failure) { try numbers.next() }
        numbers.cancel()
    }

    @Test("Who waits for room is let go", arguments: [0, 1, 5])
    func cancelled(_ taken: Int) throws {
        let numbers = Handover<Int>(capacity: 1) { put throws(TableError) in
            var number = 0
            while put(number) { number += 1 }
        }
        for number in 0..<taken { #expect(try numbers.next() == number) }
        numbers.cancel()
    }
}

@Suite("Columns delivered for those who pass them on")
struct PassedOnColumnTests {
    private static let table =
        "id,d\n" + (0..<5000).map { "row \($0),\($0 % 7 == 0 ? "" : "\(Double($0) / 3)")\n" }.joined()

    private func check(_ source: any TableSource, copies: Int = 1) throws {
        var ids: [String] = []
        var doubles: [Double] = []
        var mostLevels = 0
        let selection = ColumnSelection(text: [.init(column: 0, isPerChunk: true)], exact: [1])
        try source.read(selection) { chunk throws(TableError) in
            #expect(chunk.doubles.count == chunk.rowCount)
            ids += chunk.codes.map { chunk.levels[0][Int($0)] }
            doubles += chunk.doubles
            mostLevels = max(mostLevels, chunk.levels[0].count)
        }
        #expect(ids == (0..<5000 * copies).map { "row \($0 % 5000)" })
        let wanted: [Double] = (0..<5000 * copies).map { index in
            let row = index % 5000
            return row % 7 == 0 ? .nan : Double(row) / 3
        }
        #expect(doubles.map(\.bitPattern) == wanted.map(\.bitPattern))
        #expect(mostLevels < 5000 * copies)
    }

    @Test("Texts have levels of their own in every chunk, numbers all their digits: CSV and several")
    func csv() throws {
        let source = try CSVSource(text: Self.table, textSize: 2000)
        try check(source)
        try check(ConcatenatedSource([source, source]), copies: 2)
    }

    @Test("A text among the exact numbers is an error with its line")
    func badNumber() throws {
        let source = try CSVSource(text: "a\n1.5\nx\n")
        let error = try #require(
            thrownError { () throws(TableError) in
                try source.read(ColumnSelection(exact: [0])) { _ in }
            })
        #expect(error.line == 3)
        #expect(error.column == "a")
    }
}
