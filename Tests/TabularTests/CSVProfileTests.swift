import Testing

@testable import Tabular

@Suite("CSV: profiles")
struct CSVProfileTests {
    @Test("Every kind of value is counted, with the first text and the levels")
    func counts() throws {
        let source = try CSVSource(text: "a,b,c\n1,x,\n2.5,\"y, z\",\nNA, x ,\n\n-4,?,\nword,x,\n1,x,\n")
        let profile = try source.profile()
        #expect(profile.rowCount == 6)
        let first = profile.columns[0]
        #expect(first.name == "a")
        #expect((first.missingCount, first.numberCount, first.integerCount, first.textCount) == (1, 4, 3, 1))
        #expect(first.firstText == .init(line: 7, text: "word"))
        #expect(first.levels == ["1": 2, "2.5": 1, "-4": 1, "word": 1])
        #expect(first.range == -4...2.5)
        #expect(abs(first.mean - 0.125) < 1e-15)
        #expect(abs(first.variance - 6.046875) < 1e-14)
        #expect(!first.isNumeric)
        let second = profile.columns[1]
        #expect(second.levels == ["x": 4, "y, z": 1])
        #expect(second.range == nil)
        #expect(second.firstText == .init(line: 2, text: "x"))
        #expect(profile.columns[2] == ColumnProfile(name: "c", missingCount: 6))
    }

    @Test("Mean and variance agree with two passes in Double", arguments: [0.0, 1e6])
    func moments(_ shift: Double) throws {
        var generator = CSVTestGenerator(seed: 5)
        let values = (0..<5_000).map { _ in shift + Double.random(in: -1...1, using: &generator) }
        let profile = try CSVSource(text: "x\n" + values.map { "\($0)\n" }.joined()).profile().columns[0]
        let mean = values.reduce(0, +) / 5_000
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 5_000
        #expect(abs(profile.mean - mean) <= 1e-12 * max(1, abs(mean)))
        #expect(abs(profile.variance - variance) <= 1e-9)
        // With 17 digits the bounds may be off by a few units in the last place.
        #expect(abs((profile.range?.lowerBound ?? 0) - (values.min() ?? 0)) <= 1e-15 * max(1, shift))
        #expect(abs((profile.range?.upperBound ?? 0) - (values.max() ?? 0)) <= 1e-15 * max(1, shift))
        #expect(profile.isNumeric)
    }

    @Test("Levels end at their limits")
    func limits() throws {
        let limit = 4_096
        for count in [limit, limit + 1] {
            let text = "x,y\n" + (0..<count).map { "\($0).5,\($0)\n" }.joined()
            let columns = try CSVSource(text: text).profile().columns
            #expect(columns[0].levels?.count == (count == limit ? limit : nil))
            #expect(columns[1].levels?.count == count)
            #expect(columns[0].numberCount == count)
        }
    }

    @Test("Beyond 65,536 levels there are none")
    func manyTexts() throws {
        let limit = ColumnProfile.levelLimit
        for count in [limit, limit + 1] {
            let text = "x,y\n" + (0..<count).map { "k\($0),\($0 % 7)\n" }.joined()
            let columns = try CSVSource(text: text, textSize: 100_000).profile().columns
            #expect(columns[0].levels?.count == (count == limit ? limit : nil))
            #expect(columns[0].textCount == count)
            #expect(columns[1].levels?.count == 7)
        }
    }

    @Test("Many levels, short and long, are counted as a dictionary counts them")
    func manyLevels() throws {
        var generator = CSVTestGenerator(seed: 6)
        var expected: [String: Int] = [:]
        var text = "x,n\n"
        for _ in 0..<6_000 {
            let number = Int.random(in: 0..<1_500, using: &generator)
            let level = String(repeating: "k", count: number % 12) + "\(number)" + (number % 7 == 0 ? "\u{E9}" : "")
            expected[level, default: 0] += 1
            text += "\(level),1\n"
        }
        let column = try CSVSource(text: text, separator: 0x2C, hasHeader: true).profile().columns[0]
        #expect(column.levels == expected)
    }
}
