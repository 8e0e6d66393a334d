import Foundation

/// What scikit-learn computed; `make_metric_fixtures.py` says how.
struct MetricFixtures: Decodable {
    struct Classification: Decodable {
        var name: String
        var classes: Int
        var scores: [Float]
        var labels: [Int]
        var confusion: [[Int]]
        var accuracy: Double
        var top_5_accuracy: Double?
        var auc: Double?
        var precision: Double
        var recall: Double
        var f1: Double
    }

    struct Multilabel: Decodable {
        var name: String
        var columns: Int
        var scores: [Float]
        var targets: [Float]
        var auc: Double?
        var accuracy: Double
        var precision: Double
        var recall: Double
        var f1: Double
    }

    struct Regression: Decodable {
        var name: String
        var outputs: Int
        var predictions: [Double]
        var targets: [Double]
        var mse: Double
        var mae: Double
        var rmse: Double
        var r2: Double
    }

    var classification: [Classification]
    var multilabel: [Multilabel]
    var regression: [Regression]

    static func load() throws -> MetricFixtures {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = folder.appendingPathComponent("Fixtures/metrics.json")
        return try JSONDecoder().decode(MetricFixtures.self, from: Data(contentsOf: file))
    }
}

/// Whether two numbers are equal up to the rounding of sums in double precision; `nil` equals `nil` alone.
func isClose(_ found: Double?, _ expected: Double?, relative: Double = 1e-12) -> Bool {
    guard let found, let expected else { return found == nil && expected == nil }
    return abs(found - expected) <= relative * max(1, abs(expected))
}
