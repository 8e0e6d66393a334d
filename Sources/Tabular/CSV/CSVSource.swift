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

    let input: CSVInput
    let windowSize: Int

    /// Opens a table and finds out how it is written.
    ///
    /// - Parameters:
    ///   - path: A file, or `-` for standard input, which is read into memory.
    ///   - separator: The byte between two fields; detected when `nil`.
    ///   - hasHeader: Whether the first record names the columns; detected when `nil`.
    /// - Throws: `TableError` when there is no such file, it is not text, or it holds no rows.
    public init(path: String, separator: UInt8? = nil, hasHeader: Bool? = nil) throws(TableError) {
        let name = path == "-" ? "standard input" : path
        try self.init(
            input: try CSVInput.opening(path, name: name), name: name, separator: separator, hasHeader: hasHeader,
            windowSize: CSVReader.windowSize)
    }

    /// Opens a table in memory or with a window of another size, which must never change what is read.
    init(
        input: CSVInput, name: String, separator: UInt8?, hasHeader: Bool?, windowSize: Int
    ) throws(TableError) {
        self.input = input
        self.name = name
        self.windowSize = windowSize
        if let separator, !Self.canSeparate(separator) {
            throw TableError(
                .badRequest, file: name,
                "byte \(separator) cannot separate fields: use a comma, a semicolon, a tab or another sign of ASCII")
        }
        dialect = try Self.dialect(of: input, name: name, separator: separator, hasHeader: hasHeader)

        var reader = try CSVReader(input, name: name, dialect: dialect, windowSize: windowSize)
        guard try reader.next() else {
            throw TableError(.badData, file: name, "the file is empty: a table needs at least one row")
        }
        let count = reader.fields.count
        guard dialect.hasHeader else {
            columnNames = (0..<count).map(String.init)
            return
        }
        let line = reader.line
        columnNames = try Self.names(in: reader, file: name)
        reader.setColumnNames(columnNames)
        guard try reader.next() else {
            throw TableError(
                .badData, file: name, line: line,
                "there is a header and no row below it: a table needs at least one row")
        }
    }

    /// A reader that stands before the first row.
    func reader() throws(TableError) -> CSVReader {
        var reader = try CSVReader(input, name: name, dialect: dialect, windowSize: windowSize)
        if dialect.hasHeader {
            guard try reader.next(), reader.fields.count == columnNames.count else {
                throw TableError(.inputOutput, file: name, "the header changed while the file was in use: start again")
            }
        }
        reader.setColumnNames(columnNames)
        return reader
    }

    private static func canSeparate(_ byte: UInt8) -> Bool {
        let scalar = Unicode.Scalar(byte)
        let isPartOfNumber = byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
        let isLetterOrDigit = scalar.properties.isAlphabetic || ASCII.isDigit(byte)
        return byte == ASCII.tab
            || (byte >= 0x20 && byte < 0x7F && byte != ASCII.quote && !isPartOfNumber && !isLetterOrDigit)
    }

    /// Looks at the start of the input, and at more of it where rows are long.
    private static func dialect(
        of input: CSVInput, name: String, separator: UInt8?, hasHeader: Bool?
    ) throws(TableError) -> CSVDialect {
        var size = CSVReader.windowSize
        while true {
            var stream = try input.stream(name: name)
            let sample = try stream.prefix(size)
            let isWhole = sample.count < size
            if sample.isEmpty {
                throw TableError(.badData, file: name, "the file is empty: a table needs at least one row")
            }
            if let refusal = FileSignature.refusal(of: sample) { throw TableError(.badData, file: name, refusal) }
            if let separator, let hasHeader { return CSVDialect(separator: separator, hasHeader: hasHeader) }
            // The first lines must be there as a whole, or nothing can be said of the columns.
            let lineFeeds = sample.count { $0 == ASCII.lineFeed || $0 == ASCII.carriageReturn }
            if isWhole || lineFeeds >= 4 || size >= CSVReader.recordLimit {
                return CSVDialect.detect(in: sample, isWhole: isWhole, separator: separator, hasHeader: hasHeader)
            }
            size *= 4
        }
    }

    private static func names(in reader: borrowing CSVReader, file: String) throws(TableError) -> [String] {
        let count = reader.fields.count
        let given = (0..<count).map { reader.text(of: $0) }
        var positions: [String: Int] = [:]
        for (position, name) in given.enumerated() where !name.isEmpty {
            if let first = positions.updateValue(position, forKey: name) {
                throw TableError(
                    .badData, file: file, line: reader.line, column: name,
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
