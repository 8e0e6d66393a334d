import LinearAlgebra

@testable import Tabular

/// The schema of a CSV, and what was said about it.
func resolve(
    _ csv: String, _ options: SchemaOptions
) throws(TableError) -> (schema: Schema, notes: [String]) {
    let source = try CSVSource(text: csv)
    return try Schema.resolve(source.profile(), of: source, options: options)
}

/// A table of a CSV, ready for training.
func prepare(
    _ csv: String, _ options: SchemaOptions, validationSplit: Double = 0, seed: UInt64 = 0
) throws(TableError) -> Table {
    try Table(CSVSource(text: csv), options: options, validationSplit: validationSplit, seed: seed)
}

extension SchemaOptions {
    /// Options for one target.
    static func target(_ name: String, _ change: (inout SchemaOptions) -> Void = { _ in }) -> SchemaOptions {
        var options = SchemaOptions(targets: [ColumnPattern(name: name)])
        change(&options)
        return options
    }
}

extension Samples {
    /// The features row by row.
    var rows: [[Float]] {
        let elements = features.elements
        return (0..<rowCount).map { Array(elements[$0 * featureCount..<($0 + 1) * featureCount]) }
    }

    /// The class of every row.
    var labels: [Int32]? {
        if case .labels(let labels, _) = targets { labels.elements } else { nil }
    }

    /// The target values row by row.
    var values: [Float]? {
        if case .values(let values, _) = targets { values.elements } else { nil }
    }
}

/// Lines of a CSV under a header.
func csv(_ header: String, rows: Int, _ line: (Int) -> String) -> String {
    header + "\n" + (0..<rows).map { line($0) + "\n" }.joined()
}
