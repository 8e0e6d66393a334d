extension Schema {
    /// More levels than this, in a text column that nobody named, are taken for an identifier or free text.
    static let unnamedLevelLimit = 100
    /// More levels than this do not become inputs at all.
    static let levelLimit = 10_000
    /// An integer target of at most so many values is a class.
    static let integerClassLimit = 20

    /// The contract for a table, from what a pass over it learned and what the user said.
    ///
    /// - Returns: the schema, and sentences on what was decided for the user.
    /// - Throws: `TableError` when the request does not fit the table.
    public static func resolve(
        _ profile: TableProfile, of source: any TableSource, options: SchemaOptions
    ) throws(TableError) -> (schema: Schema, notes: [String]) {
        let resolution = try SchemaResolution(profile, source: source, options: options)
        return (resolution.schema, resolution.notes)
    }
}

/// The work of `Schema.resolve`.
private struct SchemaResolution {
    let profile: TableProfile
    let options: SchemaOptions
    let file: String
    /// Whether the values that break a column's type are put aside.
    let putsAside: Bool
    private(set) var notes: [String] = []
    private(set) var schema: Schema

    init(_ profile: TableProfile, source: any TableSource, options: SchemaOptions) throws(TableError) {
        self.profile = profile
        self.options = options
        file = source.name
        putsAside = source.putsAsideBadRows
        schema = Schema(features: [], target: .values(columns: []), missing: options.missing, unseen: options.unseen)
        let known = source.knownRoles
        let targets = try targetColumns(source, known)
        let weight = try weightColumn(source, known)
        if let weight, targets.contains(weight) {
            throw TableError(.badRequest, file: file, column: profile.columns[weight].name, "is both target and weight")
        }
        schema.target = try target(targets.map { profile.columns[$0] })
        schema.weight = weight.map { profile.columns[$0].name }
        schema.features = try features(source, known, excluding: Set(targets + (weight.map { [$0] } ?? [])))
        let used = Set(schema.features.map(\.column) + schema.target.columns + [schema.weight].compactMap { $0 })
        schema.unused = source.columnNames.filter { !used.contains($0) }
        schema.isMatrix = known.features != nil && options.features == nil && options.ignored == nil
    }

    // MARK: Targets

    private func targetColumns(_ source: any TableSource, _ known: KnownRoles) throws(TableError) -> [Int] {
        var columns: [Int] = []
        for pattern in options.targets {
            for column in try pattern.columns(of: source.columnNames, in: file, flag: "--target") {
                guard !columns.contains(column) else {
                    throw TableError(
                        .badRequest, file: file, column: source.columnNames[column],
                        "is named as a target twice; name it once")
                }
                columns.append(column)
            }
        }
        if columns.isEmpty { columns = Array(known.targets) }
        guard !columns.isEmpty else {
            let hint =
                source.knownRoles.features == nil
                ? "say which column to predict with --target NAME" : "say where the targets are with --y PATH"
            throw TableError(
                .badRequest, file: file, "\(hint); " + ColumnPattern.listing(source.columnNames, near: "target"))
        }
        return columns
    }

    private mutating func target(_ columns: [ColumnProfile]) throws(TableError) -> Schema.Target {
        for column in columns where column.numberCount + column.textCount == 0 {
            throw TableError(
                .badData, file: file, column: column.name,
                "every value of the target is missing; rows without a target cannot train")
        }
        let names = columns.map(\.name)
        let quoted = names.map { "'\($0)'" }.joined(separator: ", ")
        switch options.task {
        case .classification:
            guard columns.count == 1 else {
                throw TableError(
                    .badRequest, file: file,
                    "classification predicts one column, and \(columns.count) targets are named: \(quoted); for "
                        + "several yes-or-no columns say --task multilabel")
            }
            return try classes(columns[0])
        case .multilabel:
            for column in columns where !column.isZeroOrOne(ignoringTexts: putsAside) {
                throw TableError(
                    .badData, file: column.firstText?.file ?? file, line: column.firstText?.line, column: column.name,
                    "a multilabel target holds 0 and 1 only")
            }
            return .labels(columns: names)
        case .regression:
            for column in columns where !column.isNumeric {
                throw TableError(
                    .badData, file: column.firstText?.file ?? file, line: column.firstText?.line, column: column.name,
                    "the target of a regression holds numbers"
                        + (column.firstText.map { ", found '\($0.text)'" } ?? "")
                        + "; for text say --task classification")
            }
            return .values(columns: names)
        case .auto:
            if columns.count == 1 {
                let column = columns[0]
                if column.isClassLike(ignoringTexts: putsAside) {
                    let target = try classes(column)
                    if case .classes(_, let labels) = target {
                        let why = column.isNumeric ? "\(labels.count) different integers" : "text"
                        notes.append("target \(quoted) is \(why): classification into \(labels.count) classes")
                    }
                    return target
                }
                notes.append("target \(quoted) is a number: regression")
                return .values(columns: names)
            }
            for column in columns where !column.isNumeric {
                throw TableError(
                    .badData, file: file, column: column.name,
                    "several targets are numbers to predict together, and this one is text; name one text column alone")
            }
            if columns.allSatisfy({ $0.isZeroOrOne(ignoringTexts: putsAside) }) {
                notes.append("targets \(quoted) are 0 and 1: multilabel classification")
                return .labels(columns: names)
            }
            notes.append("targets \(quoted) are numbers: regression")
            return .values(columns: names)
        }
    }

    private func classes(_ column: ColumnProfile) throws(TableError) -> Schema.Target {
        guard let levels = column.classLevels(ignoringTexts: putsAside), levels.count <= Schema.levelLimit else {
            throw TableError(
                .badData, file: file, column: column.name,
                "has more than \(Schema.levelLimit) different values, too many for classes; is it a number to predict "
                    + "(--task regression)?")
        }
        guard levels.count > 1 else {
            throw TableError(
                .badData, file: file, column: column.name,
                "every row has the same class, '\(levels.first?.key ?? "")'; a classifier needs at least two")
        }
        return .classes(column: column.name, labels: levels.keys.inReadingOrder)
    }

    // MARK: Weight

    private func weightColumn(_ source: any TableSource, _ known: KnownRoles) throws(TableError) -> Int? {
        guard let name = options.weight else { return known.weight }
        let columns = try ColumnPattern(name: name).columns(of: source.columnNames, in: file, flag: "--weight")
        let column = profile.columns[columns[0]]
        guard column.isNumeric else {
            throw TableError(
                .badData, file: column.firstText?.file ?? file, line: column.firstText?.line, column: column.name,
                "a weight is a number" + (column.firstText.map { ", found '\($0.text)'" } ?? ""))
        }
        return columns[0]
    }

    // MARK: Features

    private mutating func features(
        _ source: any TableSource, _ known: KnownRoles, excluding: Set<Int>
    ) throws(TableError) -> [Schema.Feature] {
        let names = source.columnNames
        var columns = known.features.map(Array.init) ?? Array(names.indices)
        var named: Set<Int> = []
        if let pattern = options.features {
            columns = try pattern.columns(of: names, in: file, flag: "--features")
            named.formUnion(columns)
            for column in columns where excluding.contains(column) {
                throw TableError(
                    .badRequest, file: file, column: names[column], "is named both as a feature and as target or weight"
                )
            }
        }
        if let pattern = options.ignored {
            let ignored = Set(try pattern.columns(of: names, in: file, flag: "--ignore"))
            columns.removeAll { ignored.contains($0) }
        }
        var categorical: Set<Int> = []
        if let pattern = options.categorical {
            categorical = Set(try pattern.columns(of: names, in: file, flag: "--categorical"))
            named.formUnion(categorical)
        }
        var dates: Set<Int> = []
        if let pattern = options.dates {
            dates = Set(try pattern.columns(of: names, in: file, flag: "--dates"))
            named.formUnion(dates)
            for column in dates.intersection(categorical).sorted() {
                throw TableError(
                    .badRequest, file: file, column: names[column], "is named both in --categorical and in --dates")
            }
        }
        var features: [Schema.Feature] = []
        for column in columns where !excluding.contains(column) {
            let feature = try feature(
                profile.columns[column], isCategorical: categorical.contains(column), isDates: dates.contains(column),
                isNamed: named.contains(column))
            if let feature { features.append(feature) }
        }
        guard !features.isEmpty else {
            throw TableError(.badData, file: file, "no column is left to learn from")
        }
        return features
    }

    /// `nil` for a column that is left out, with a note.
    private mutating func feature(
        _ column: ColumnProfile, isCategorical: Bool, isDates: Bool, isNamed: Bool
    ) throws(TableError) -> Schema.Feature? {
        let count = column.numberCount + column.textCount
        guard count > 0 else {
            notes.append("column '\(column.name)' is left out: every value is missing")
            return nil
        }
        if options.missing == .error, column.missingCount > 0 {
            throw TableError(
                .badData, file: file, column: column.name,
                "\(column.missingCount) of \(profile.rowCount) values are missing, and --missing error allows none")
        }
        if !isCategorical, let times = try times(column, isDeclared: isDates) {
            return timeFeature(column, times)
        }
        if column.isNumeric && !isCategorical {
            if let odd = column.firstText, !putsAside {
                throw TableError(
                    .badData, file: odd.file ?? file, line: odd.line, column: column.name,
                    "expected a number as in \(column.numberCount) other rows, found '\(odd.text)'; correct it, declare "
                        + "the column with --categorical, or leave it out with --ignore")
            }
            if column.range.map({ $0.lowerBound == $0.upperBound }) ?? false, profile.rowCount > 1,
                !isMatrixColumn(column)
            {
                notes.append("column '\(column.name)' is constant and tells nothing")
            }
            return Schema.Feature(
                column: column.name, kind: .number,
                hasIndicator: options.missingIndicator && column.missingCount > 0 && options.missing != .drop)
        }
        let hasMissing = column.missingCount > 0 && options.missing != .drop
        let common = column.levels.map { $0.filter { $0.value >= options.rare }.map(\.key) }
        let limit = isNamed ? Schema.levelLimit : Schema.unnamedLevelLimit
        guard let levels = column.levels, let common, common.count <= limit else {
            guard isNamed else {
                let number = column.levels.map { "\($0.count)" } ?? "many"
                notes.append(
                    "column '\(column.name)' is left out: \(number) different texts in \(count) rows look like an "
                        + "identifier (--categorical \(column.name) keeps it)")
                return nil
            }
            throw TableError(
                .badData, file: file, column: column.name,
                "has more than \(Schema.levelLimit) different values, too many to be categories; leave it out with --ignore"
            )
        }
        guard !common.isEmpty else {
            notes.append(
                "column '\(column.name)' is left out: none of its \(levels.count) levels has \(options.rare) rows (--rare)"
            )
            return nil
        }
        if common.count < levels.count {
            notes.append(
                "column '\(column.name)': \(levels.count - common.count) of \(levels.count) levels have fewer than "
                    + "\(options.rare) rows and share an input")
        }
        return Schema.Feature(
            column: column.name, kind: .levels(common.inReadingOrder, hasMissing: hasMissing),
            rare: levels.filter { $0.value < options.rare }.map(\.key).inReadingOrder)
    }

    /// The moments of a column, where it holds such.
    private func times(_ column: ColumnProfile, isDeclared: Bool) throws(TableError) -> ColumnProfile.Times? {
        var times = column.times
        if isDeclared || (times == nil && !column.isNumeric) {
            if let levels = column.levels {
                times = nil
                for (level, count) in levels {
                    if let seconds = TimeText.seconds(level.trimmingBlanks, isDeclared: isDeclared) {
                        times?.add(seconds, count: count)
                        if times == nil { times = ColumnProfile.Times(seconds, count: count) }
                    }
                }
            } else if isDeclared, let range = column.range, column.textCount == 0 {
                // Too many numbers to have been listed: the ends tell of what kind they are.
                for value in [range.lowerBound, range.upperBound] {
                    guard value.magnitude < 1e19,
                        let seconds = TimeText.seconds("\(UInt64(max(0, value)))", isDeclared: true)
                    else { continue }
                    times?.add(seconds, count: column.numberCount - 1)
                    if times == nil { times = ColumnProfile.Times(seconds) }
                    if value >= 1e8 { times?.hasClock = true }
                }
            }
        }
        let count = column.numberCount + column.textCount
        let isEnough = times.map { Double($0.count) >= ColumnProfile.numericShare * Double(count) } ?? false
        guard isDeclared, !isEnough else { return isEnough ? times : nil }
        throw TableError(
            .badData, file: column.firstText?.file ?? file, line: column.firstText?.line, column: column.name,
            "--dates names the column, and \(count - (times?.count ?? 0)) of \(count) values are no dates or times"
                + (column.firstText.map { ", such as '\($0.text)'" } ?? "")
                + "; write them as 2024-05-31 or 2024-05-31T17:30:00")
    }

    private mutating func timeFeature(_ column: ColumnProfile, _ times: ColumnProfile.Times) -> Schema.Feature {
        let hasDate = !(times.hasClock && times.range.lowerBound >= 0 && times.range.upperBound < 86_400)
        let (first, last) = (times.range.lowerBound / 86_400, times.range.upperBound / 86_400)
        let what =
            hasDate
            ? "\(times.hasClock ? "dates and times" : "dates") from \(TimeParts.text(ofDay: first)) to \(TimeParts.text(ofDay: last))"
            : "times of day"
        let places =
            (hasDate ? ["the day", "its place in the year and in the week"] : [])
            + (times.hasClock ? ["the place in the day"] : [])
        notes.append("column '\(column.name)' holds \(what); its inputs are \(places.joined(separator: ", "))")
        return Schema.Feature(
            column: column.name, kind: .time(hasDate: hasDate, hasClock: times.hasClock),
            hasIndicator: options.missingIndicator && column.missingCount > 0 && options.missing != .drop)
    }

    /// Matrices (images, spectra) have many constant columns, and no one wants to read about each.
    private func isMatrixColumn(_ column: ColumnProfile) -> Bool { profile.columns.count > 100 }
}

extension ColumnProfile {
    /// The levels of a column that holds classes; without texts among numbers, where these are put aside.
    fileprivate func classLevels(ignoringTexts: Bool) -> [String: Int]? {
        guard ignoringTexts, isNumeric, textCount > 0 else { return levels }
        return levels?.filter { Double($0.key) != nil }
    }

    /// Whether every value is a whole number, however written.
    private func isWhole(ignoringTexts: Bool) -> Bool {
        guard isNumeric, textCount == 0 || ignoringTexts else { return false }
        if integerCount == numberCount { return true }
        return classLevels(ignoringTexts: ignoringTexts)?.keys
            .allSatisfy { Double($0).map { $0 == $0.rounded() } ?? false } ?? false
    }

    fileprivate func isClassLike(ignoringTexts: Bool) -> Bool {
        guard isNumeric else { return true }
        let count = classLevels(ignoringTexts: ignoringTexts)?.count
        return isWhole(ignoringTexts: ignoringTexts) && (count.map { $0 <= Schema.integerClassLimit } ?? false)
    }

    fileprivate func isZeroOrOne(ignoringTexts: Bool) -> Bool {
        isWhole(ignoringTexts: ignoringTexts) && (range.map { $0.lowerBound >= 0 && $0.upperBound <= 1 } ?? false)
    }
}

extension Sequence<String> {
    /// Numbers by value if all are numbers, else by their characters.
    fileprivate var inReadingOrder: [String] {
        let texts = Array(self)
        let numbers = texts.compactMap { Double($0) }
        guard numbers.count == texts.count else {
            return texts.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
        }
        return zip(texts, numbers).sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
    }
}
