import Foundation
import Testing

@testable import Tabular

@Suite("Scaling of targets")
struct TargetScalingTests {
    private static let table = "a,t,u\n1,10,1.5\n2,20,2.5\n3,60,0.5\n"

    @Test("A regression learns targets of mean 0 and deviation 1")
    func standard() throws {
        let table = try prepare(Self.table, .target("t") { $0.task = .regression })
        #expect(table.encoding.targetMeans == [30])
        let deviation = (1400.0 / 3).squareRoot()
        #expect(abs(table.encoding.targetDeviations[0] - deviation) < 1e-12)
        let values = try #require(table.training.samples.values)
        #expect(values == [-20, -10, 30].map { Float($0 / deviation) })
    }

    @Test("Each of several targets by itself")
    func several() throws {
        let options = SchemaOptions(targets: [ColumnPattern(name: "u"), ColumnPattern(name: "t")], task: .regression)
        let table = try prepare(Self.table, options)
        #expect(table.encoding.targetMeans == [1.5, 30])
        let values = try #require(table.training.samples.values)
        try #require(values.count == 6)
        #expect(values[0] == 0)
        #expect(values[1] == Float(-20 / (1400.0 / 3).squareRoot()))
    }

    @Test("Or not at all")
    func none() throws {
        let table = try prepare(
            Self.table,
            .target("t") {
                $0.task = .regression
                $0.targetScale = .none
            })
        #expect(table.training.samples.values == [10, 20, 60])
        #expect(table.encoding.targetMeans == [0])
        #expect(table.encoding.targetDeviations == [1])
    }

    @Test("A constant target is not divided by 0")
    func constant() throws {
        let table = try prepare("a,t\n1,5.5\n2,5.5\n", .target("t") { $0.task = .regression })
        #expect(table.training.samples.values == [0, 0])
    }

    @Test("Questions of yes and no are not scaled")
    func labels() throws {
        let table = try prepare("a,t\n1,1\n2,0\n", .target("t") { $0.task = .multilabel })
        #expect(table.training.samples.values == [1, 0])
    }

    @Test("By the training rows alone, and other rows alike")
    func trainingRows() throws {
        let text = csv("a,t", rows: 50) { "\($0),\(Double($0 * $0) + 0.5)" }
        let table = try prepare(text, .target("t"), validationSplit: 0.2, seed: 3)
        let rows = try #require(table.training.rows).map { Double($0 * $0) + 0.5 }
        #expect(rows.count == 40)
        #expect(abs(table.encoding.targetMeans[0] - rows.reduce(0, +) / 40) < 1e-9)
        let (again, _) = try table.encoding.samples(of: CSVSource(text: text), targets: true)
        #expect(again.values == table.training.samples.values)
    }

    @Test("The encoding survives being written down")
    func codable() throws {
        let table = try prepare("a,b,t\n1.1,x,10.7\n2.3,,20.1\n", .target("t"))
        let data = try JSONEncoder().encode(table.encoding)
        #expect(try JSONDecoder().decode(TableEncoding.self, from: data) == table.encoding)
    }
}
