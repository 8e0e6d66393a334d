import LinearAlgebra
import Tabular
import TestSupport
import Testing
import Training

@Suite("Rows count by their class")
struct ClassWeightsTests {
    static let schema = Schema(features: [], target: .classes(column: "y", labels: ["a", "b", "c"]))

    private func selection(
        _ labels: [Int32], weights: [Float]? = nil, rows: [UInt32]? = nil
    ) -> SampleSelection {
        SampleSelection(
            Samples(
                rowCount: labels.count, featureCount: 0, features: SharedBuffer(count: 0),
                targets: .labels(SharedBuffer(labels), classes: 3), weights: weights.map { SharedBuffer($0) }),
            rows: rows)
    }

    @Test("Balanced: every class weighs the same, and the rows as many as they are")
    func balanced() throws {
        let rows = try selection([0, 1, 1, 2, 2, 2]).weighted(.balanced, schema: Self.schema)
        let weights = try #require(rows.samples.weights).elements
        let exact = [2.0, 1, 1, 2.0 / 3, 2.0 / 3, 2.0 / 3]
        #expect(Tolerance(ulps: 1).disagreement(of: weights, with: exact) == nil)
    }

    @Test("Balanced counts the selected rows alone, and a class without rows takes no part")
    func selected() throws {
        let rows = try selection([0, 1, 1, 2, 2, 2], rows: [0, 1, 3, 4]).weighted(.balanced, schema: Self.schema)
        let weights = try #require(rows.samples.weights)
        let exact = [4.0 / 3, 4.0 / 3, 2.0 / 3, 2.0 / 3]
        #expect(Tolerance(ulps: 1).disagreement(of: [0, 1, 3, 4].map { weights[$0] }, with: exact) == nil)
        #expect(rows.rows == [0, 1, 3, 4])
        let without = try selection([0, 0, 0, 1]).weighted(.balanced, schema: Self.schema)
        let two = [4.0 / 9, 4.0 / 9, 4.0 / 9, 4.0 / 3]
        #expect(Tolerance(ulps: 1).disagreement(of: try #require(without.samples.weights).elements, with: two) == nil)
    }

    @Test("Weights by name, 1 for the others, times the rows' own")
    func named() throws {
        let weights = ClassWeights.weights(["c": 4, "a": 0])
        let plain = try selection([0, 1, 2]).weighted(weights, schema: Self.schema)
        #expect(plain.samples.weights?.elements == [0, 1, 4])
        let weighted = try selection([0, 1, 2, 2], weights: [3, 5, 0.5, 0]).weighted(weights, schema: Self.schema)
        #expect(weighted.samples.weights?.elements == [0, 5, 2, 0])
    }

    @Test("What cannot be weighted is refused")
    func errors() {
        let rows = selection([0, 1, 2])
        let unknown = #expect(throws: TrainingError.self) {
            _ = try rows.weighted(.weights(["d": 1]), schema: Self.schema)
        }
        #expect(unknown == TrainingError("a class weight names 'd', and the classes are a, b, c"))
        for weight in [-1, .nan, .infinity] as [Double] {
            let error = #expect(throws: TrainingError.self) {
                _ = try rows.weighted(.weights(["b": weight]), schema: Self.schema)
            }
            #expect(error == TrainingError("the weight of class 'b' is \(weight)"))
        }
        let values = SampleSelection(RandomRows.values(rows: 3, features: 1, columns: 1))
        let error = #expect(throws: TrainingError.self) { _ = try values.weighted(.balanced, schema: Self.schema) }
        #expect(error == TrainingError("class weights need classes, and the target is not one"))
    }
}
