public import ArgumentParser
public import Descent

extension SchemaOptions.Task: ExpressibleByArgument {}
extension SchemaOptions.Missing: ExpressibleByArgument {}
extension SchemaOptions.Unseen: ExpressibleByArgument {}
extension SchemaOptions.Scale: ExpressibleByArgument {}
extension SchemaOptions.TargetScale: ExpressibleByArgument {}

/// Which columns are what, and what is done to them.
struct SchemaArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Column to predict, by name or index over all columns from 0; repeat it for several outputs. (default: the HDF5 targets)",
            valueName: "name"))
    var target: [String] = []

    @Option(
        help: ArgumentHelp(
            "Columns to learn from: names, indices or globs, comma separated. (default: all others)", valueName: "list")
    )
    var features: String?

    @Option(
        help: ArgumentHelp(
            "Columns to leave out: names, indices or globs, comma separated. (default: none)", valueName: "list"))
    var ignore: String?

    @Option(help: ArgumentHelp("Column of sample weights. (default: none)", valueName: "name"))
    var weight: String?

    @Option(
        help: ArgumentHelp("Number columns to treat as categories, comma separated. (default: none)", valueName: "list")
    )
    var categorical: String?

    @Option(
        help: ArgumentHelp(
            """
            Columns of dates and times, comma separated, also where they are written as numbers: 20240531, or seconds since \
            1970. (default: columns of texts such as 2024-05-31, 31.05.2024, 31 May 2024 or 2024-05-31T17:30:00)
            """, valueName: "list"))
    var dates: String?

    @Option(help: "What to predict.")
    var task: SchemaOptions.Task = .auto

    @Option(
        help: ArgumentHelp(
            """
            What to do about missing values: mean, median, constant:NUMBER (for numbers; a missing text is a level of its \
            own), drop (rows, in training) or error.
            """, valueName: "policy"))
    var missing: SchemaOptions.Missing = .mean

    @Flag(help: "Give a number column with missing values one more input, 1 where the value is missing.")
    var missingIndicator = false

    @Option(
        help: ArgumentHelp(
            "Levels with fewer rows than this in the training table share one input; 1: each has its own.",
            valueName: "rows"))
    var rare = 1

    @Option(
        help: """
            What becomes of a level that training never met: it is taken for a rare one (all inputs 0 where none was rare), \
            has all inputs 0, or is an error.
            """)
    var unseen: SchemaOptions.Unseen = .other

    @Option(
        help:
            """
            How to scale features, by statistics of the training rows; quantile: to a normal distribution; auto: bytes for \
            a matrix of bytes, else standard.
            """
    )
    var scale: SchemaOptions.Scale = .auto

    @Option(help: "How to scale the targets of a regression while training.")
    var targetScale: SchemaOptions.TargetScale = .standard

    @Option(
        help: ArgumentHelp(
            "What a row counts by its class: 'balanced', or JSON such as '{\"yes\": 5}'. (default: 1)",
            valueName: "balanced|json"))
    var classWeight: String?

    var options: SchemaOptions {
        SchemaOptions(
            targets: target.map { ColumnPattern(name: $0) }, features: features.map { ColumnPattern($0) },
            ignored: ignore.map { ColumnPattern($0) }, weight: weight,
            categorical: categorical.map { ColumnPattern($0) }, dates: dates.map { ColumnPattern($0) },
            task: task, missing: missing, missingIndicator: missingIndicator, rare: rare, unseen: unseen, scale: scale,
            targetScale: targetScale)
    }

    func validate() throws {
        guard rare > 0 else { throw ValidationError("--rare is 1 or more, not \(rare)") }
    }

    func classWeights() throws -> ClassWeights? {
        guard let classWeight else { return nil }
        if classWeight == "balanced" { return .balanced }
        guard let json = try? JSONValue(parsing: classWeight), case .object(let members) = json else {
            throw ValidationError("--class-weight is 'balanced' or JSON such as '{\"yes\": 5}', not '\(classWeight)'")
        }
        var weights: [String: Double] = [:]
        for (label, value) in members {
            guard let weight = value.number, weight >= 0 else {
                throw ValidationError("--class-weight gives '\(label)' a weight that is not a number of 0 or more")
            }
            weights[label] = weight
        }
        return .weights(weights)
    }
}
