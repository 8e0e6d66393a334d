import Descent
import Testing

@Suite("descent bench")
struct BenchTests {
    private func bench(_ arguments: [String]) throws -> JSONValue {
        let result = try Command.succeed(["bench", "--json", "--seconds", "0.01"] + arguments)
        #expect(result.errors == "")
        return try JSONValue(parsing: result.output)
    }

    @Test("Made-up rows: a measurement for each number of workers, shares that add up")
    func madeUpRows() throws {
        let report = try bench(["--layers", "16", "--inputs", "8", "--classes", "3", "--workers", "4", "--shards", "4"])
        let scaling = try #require(report["scaling"]?.array)
        // More workers than processors still work, only not faster.
        #expect(scaling.compactMap { $0["workers"]?.number } == [1, 2, 4])
        for measured in scaling {
            #expect(try #require(measured["samples_per_second"]?.number) > 0)
            #expect(measured["shards"]?.number == 4)
            let shares = ["products", "elementwise", "reduction", "reading", "communication", "waiting"].compactMap {
                measured["share_" + $0]?.number
            }
            #expect(shares.count == 6)
            #expect(measured["share_communication"]?.number == 0)
            #expect(shares.allSatisfy { $0 >= 0 && $0 <= 1 })
            #expect(abs(shares.reduce(0, +) - 1) < 1e-9)
        }
        #expect(scaling.first?["efficiency"]?.number == 1)
    }

    @Test("The user's own rows, as a table for people")
    func ownRows() throws {
        let result = try Command.succeed([
            "bench", Examples.digits, "--target", "label", "--layers", "8", "--workers", "1", "--seconds", "0.01",
        ])
        let lines = result.output.split(separator: "\n")
        #expect(lines.first?.contains("1,797 rows, 64 inputs, 10 outputs; layers 8, batches of 128") == true)
        // One line of advice, or two.
        #expect((4...5).contains(lines.count))
        #expect(lines[1].split(separator: " ").starts(with: ["workers", "shards", "samples/s", "efficiency"]))
    }

    @Test("Reading alone")
    func reading() throws {
        let report = try bench(["--read", Examples.digits])
        #expect(report["rows"]?.number == 1797)
        #expect(report["columns"]?.number == 65)
        #expect(try #require(report["megabytes_per_second"]?.number) > 0)
        let text = try Command.succeed(["bench", "--read", Examples.digits, "--seconds", "0.01"]).output
        #expect(text.hasPrefix("\(Examples.digits): 1,797 rows of 65 numbers in "))
        #expect(try Command.run(["bench", "--read"]).exitCode == 64)
        #expect(try Command.run(["bench", "--read", "no-such.csv"]).exitCode == 66)
    }

    @Test(
        "What cannot be measured is an error",
        arguments: [["--inputs", "0"], ["--classes", "-1"], ["--seconds", "0"], ["--layers", "x"]])
    func mistakes(arguments: [String]) throws {
        #expect(try Command.run(["bench"] + arguments).exitCode == 64)
    }
}
