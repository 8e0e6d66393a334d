import Foundation
import Testing

@testable import Tabular

@Suite("CSV: compressed files, pipes and patterns")
struct CSVInputTests {
    /// `a,b` and rows `i,2i` for i below 3, by Python's gzip.compress(…, mtime=0) of "a,b\n0,0\n" and of "1,2\n2,4\n".
    private static let members: [[UInt8]] = [
        [
            0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4B, 0xD4, 0x49, 0xE2, 0x32, 0xD0,
            0x31, 0xE0, 0x02, 0x00, 0x9C, 0x02, 0x1D, 0x80, 0x08, 0x00, 0x00, 0x00,
        ],
        [
            0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x33, 0xD4, 0x31, 0xE2, 0x32, 0xD2,
            0x31, 0xE1, 0x02, 0x00, 0x22, 0xF4, 0xD0, 0x17, 0x08, 0x00, 0x00, 0x00,
        ],
    ]

    private func numbers(_ bytes: [UInt8], textSize: Int = CSVCutter.textSize) throws(TableError) -> [Float] {
        try CSVSource(bytes: bytes, separator: 0x2C, hasHeader: true, textSize: textSize).numbers()
    }

    @Test("Members one after another are one table, zeros behind them are nothing")
    func members() throws {
        let whole = Self.members[0] + Self.members[1]
        for textSize in [4, 5, 100, CSVCutter.textSize] {
            #expect(try numbers(whole, textSize: textSize) == [0, 0, 1, 2, 2, 4])
            #expect(try numbers(whole + [UInt8](repeating: 0, count: 700), textSize: textSize) == [0, 0, 1, 2, 2, 4])
        }
        let file = try CSVTestFile(whole, name: "table.csv.gz")
        let source = try openTable([file.path])
        #expect(source.columnNames == ["a", "b"])
        #expect(try source.profile().rowCount == 3)
        #expect(try source.numbers() == [0, 0, 1, 2, 2, 4])
    }

    @Test("Data cut off anywhere is an error with the place")
    func truncation() throws {
        let whole = Self.members[0] + Self.members[1]
        for count in 3..<whole.count where count != Self.members[0].count {
            let error = thrownError { () throws(TableError) in _ = try numbers(Array(whole[..<count])) }
            #expect(error?.kind == .badData)
            #expect(error?.message.contains("ends at byte \(count) in the middle") == true, "\(count)")
        }
    }

    @Test("A byte changed in the data or its checksum is an error with the file")
    func damage() throws {
        let first = Self.members[0].count
        let whole = Self.members[0] + Self.members[1]
        // The header's time and system, which tell nothing, may be anything.
        for index in whole.indices where index != 0 && index != 1 && !(3...9).contains(index % first) {
            var damaged = whole
            damaged[index] ^= 0x41
            let error = thrownError { () throws(TableError) in _ = try numbers(damaged) }
            #expect(error != nil, "\(index)")
        }
        var checksum = whole
        checksum[whole.count - 8] ^= 1
        let error = thrownError { () throws(TableError) in _ = try numbers(checksum) }
        #expect(error?.file == "memory.csv")
        #expect(error?.message.contains("damaged before byte") == true)
        #expect(error?.message.contains("incorrect data check") == true)
    }

    @Test("A pipe is read any number of times, from memory or from a temporary file", arguments: [0, 10, 1 << 20])
    func pipe(_ memoryLimit: Int) throws {
        let text = "a,b\n" + (0..<5_000).map { "\($0),\($0 % 10)\n" }.joined()
        let file = try CSVTestFile(text)
        // A file read without seeking stands for a pipe.
        let piped = PipedInput(try FileBytes.open(file.path, name: "x"), memoryLimit: memoryLimit)
        let source = try CSVSource(
            input: CSVInput(pipe: piped, name: "standard input"), name: "standard input", hints: .init(), workers: 3,
            textSize: 1_000)
        #expect(try source.profile().rowCount == 5_000)
        for _ in 0..<2 { #expect(try source.numbers([0]) == (0..<5_000).map(Float.init)) }
    }

    @Test("A pattern means the files that fit it, by name; a file of that name comes first")
    func patterns() throws {
        let first = try CSVTestFile("n,w\n1,x\n", name: "part-1.csv")
        let folder = URL(filePath: first.path).deletingLastPathComponent()
        try Data("w,n\ny,2\n".utf8).write(to: folder.appending(path: "part-2.csv"))
        let pattern = folder.appending(path: "part-*.csv").path
        #expect(try openTable([pattern]).numbers([0]) == [1, 2])
        try Data("n,w\n3,z\n".utf8).write(to: URL(filePath: pattern))
        #expect(try openTable([pattern]).numbers([0]) == [3])
        let none = folder.appending(path: "none-*.csv").path
        let error = thrownError { () throws(TableError) in _ = try openTable([none]) }
        #expect(error?.kind == .noInput)
        #expect(error?.message.contains("none that fits the pattern") == true)
    }
}
