/// A table in a CSV file.
///
/// Fields, quotes and line ends are those of RFC 4180, in UTF-8 with or without a byte order mark. Blanks (spaces and
/// tabs) around an unquoted field are not part of it; those inside quotes are, but a number or a missing value may
/// have them. Quotes do not change what a value means: `"1"` is a number and `""` is missing. Lines without anything
/// but blanks are skipped. Without a header the columns are called `0`, `1`, …; a blank name becomes `column_N`, with
/// the column's index from 0.
public struct CSVSource: TableSource {
    public let name: String
    public let columnNames: [String]
    /// How the file is written.
    public let dialect: CSVDialect

    /// What the texts of values mean.
    let values: NumberText
    /// Where rows that cannot be taken go; `nil`: they are errors.
    let rejects: RejectFile?
    private let input: CSVInput
    /// The line of the record that says how many fields a record has: the header, or the first row.
    private let firstLine: Int
    private let textSize: Int
    let workers: Int

    /// Opens a table and finds out how it is written.
    ///
    /// - Parameters:
    ///   - path: A file, or `-` for standard input.
    ///   - hints: What is known of the dialect; the rest is detected.
    ///   - rejects: Where rows go that cannot be taken, for a value that breaks its column's type or for the number of their
    ///     fields; `nil`: they are errors.
    ///   - workers: How many parse at once. Nothing but speed and memory depends on it.
    /// - Throws: `TableError` when there is no such file, it is not text, or it holds no rows.
    public init(
        path: String, hints: CSVDialect.Hints = .init(), rejects: RejectFile? = nil, workers: Int = Processors.usable
    ) throws(TableError) {
        let name = path == "-" ? "standard input" : path
        try self.init(
            input: try CSVInput.opening(path, name: name), name: name, hints: hints, rejects: rejects, workers: workers)
    }

    /// Opens a table in memory or with texts of another size, which must never change what is read.
    init(
        input: CSVInput, name: String, hints: CSVDialect.Hints, rejects: RejectFile? = nil,
        workers: Int = Processors.usable, textSize: Int = CSVCutter.textSize
    ) throws(TableError) {
        self.rejects = rejects
        self.input = input
        self.name = name
        self.textSize = textSize
        self.workers = workers
        if let refusal = hints.refusal { throw TableError(.badRequest, file: name, refusal) }
        dialect = try Self.dialect(of: input, name: name, hints: hints)
        values = NumberText(decimalMark: dialect.decimalMark, missingTexts: dialect.missingTexts)

        var head = try CSVHead(try input.stream(name: name), name: name, dialect: dialect, textSize: textSize)
        guard try head.next() else {
            throw TableError(.badData, file: name, "the file is empty: a table needs at least one row")
        }
        let fields = head.texts
        firstLine = head.line
        guard dialect.hasHeader else {
            columnNames = fields.indices.map(String.init)
            return
        }
        columnNames = try Self.names(fields, file: name, line: firstLine)
        head.setColumnNames(columnNames)
        guard try head.next(checksFieldCount: rejects == nil) else {
            throw TableError(
                .badData, file: name, line: firstLine,
                "there is a header and no row below it: a table needs at least one row")
        }
    }

    public var deliversTimes: Bool { true }

    public var putsAsideBadRows: Bool { rejects != nil }

    /// A pass over the rows, from the first.
    func pass(_ request: CSVRequest) throws(TableError) -> CSVPass {
        let cutter = CSVCutter(try input.stream(name: name), dialect: dialect, textSize: textSize)
        return CSVPass(request, cutter: cutter, workers: workers)
    }

    func request(
        _ purpose: CSVRequest.Purpose, numbers: [Int], texts: [CSVRequest.Text], exact: [Int] = [],
        times: [Int] = []
    ) -> CSVRequest {
        CSVRequest(
            purpose: purpose, name: name, columnNames: columnNames, dialect: dialect, firstLine: firstLine,
            numbers: numbers, texts: texts, exact: exact, times: times, rejectsRows: rejects != nil)
    }

    /// Looks at the start of the input, and at more of it where rows are long.
    private static func dialect(
        of input: CSVInput, name: String, hints: CSVDialect.Hints
    ) throws(TableError) -> CSVDialect {
        var size = 256 << 10
        while true {
            var stream = try input.stream(name: name)
            let sample = try stream.prefix(size)
            let isWhole = sample.count < size
            if sample.isEmpty {
                throw TableError(.badData, file: name, "the file is empty: a table needs at least one row")
            }
            if let refusal = FileSignature.refusal(of: sample) { throw TableError(.badData, file: name, refusal) }
            // The first lines must be there as a whole, or nothing can be said of the columns.
            let lineFeeds = sample.count { $0 == ASCII.lineFeed || $0 == ASCII.carriageReturn }
            if isWhole || lineFeeds >= 4 || size >= CSVCutter.recordLimit {
                return CSVDialect.detect(in: sample, isWhole: isWhole, hints: hints)
            }
            size *= 4
        }
    }

    private static func names(_ given: [String], file: String, line: Int) throws(TableError) -> [String] {
        var positions: [String: Int] = [:]
        for (position, name) in given.enumerated() where !name.isEmpty {
            if let first = positions.updateValue(position, forKey: name) {
                throw TableError(
                    .badData, file: file, line: line, column: name,
                    "columns \(first) and \(position) (from 0) have the same name: rename one of them")
            }
        }
        return given.enumerated().map { position, name in
            guard name.isEmpty else { return name }
            var substitute = "column_\(position)"
            while positions[substitute] != nil { substitute += "_" }
            return substitute
        }
    }
}
