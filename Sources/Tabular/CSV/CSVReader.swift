/// Reads the records of a CSV input one after another through a window that moves over its bytes.
///
/// Memory is bounded by the window, which grows only for a record that does not fit. The file is read, not mapped: a
/// mapped file that is cut short by another process kills the reader.
struct CSVReader: ~Copyable {
    /// Big enough that a system call is rare, small enough to stay in a core's cache.
    static let windowSize = 256 << 10
    /// A longer row is not a table, or it hides a quote that was never closed.
    static let recordLimit = 64 << 20

    private var stream: CSVByteStream
    private var tokenizer: CSVTokenizer
    private var window: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private var count = 0
    private var isLast = false
    private var isFirst = true
    /// The first record says how many fields a record has.
    private var expected: (fields: Int, line: Int)?

    init(_ input: CSVInput, name: String, dialect: CSVDialect, windowSize: Int) throws(TableError) {
        stream = try input.stream(name: name)
        tokenizer = CSVTokenizer(file: name, separator: dialect.separator, quote: dialect.quote)
        capacity = max(windowSize, 4)
        window = .allocate(capacity: capacity + CSVTokenizer.padding)
        endWindow()
    }

    deinit { window.deallocate() }

    /// The fields of the current record.
    var fields: [CSVField] { tokenizer.fields }
    /// The line on which the current record starts.
    var line: Int { tokenizer.recordLine }

    /// Names for messages about columns.
    mutating func setColumnNames(_ names: [String]) { tokenizer.columnNames = names }

    /// Moves to the next record; `false` when there is none.
    mutating func next() throws(TableError) -> Bool {
        while true {
            switch try tokenizer.next(in: window, count: count, isLast: isLast) {
            case .record:
                try checkFieldCount()
                return true
            case .end:
                return false
            case .incomplete:
                try advance()
            }
        }
    }

    /// The bytes of a field of the current record; doubled quotes are still doubled.
    @inline(__always)
    func bytes(of column: Int) -> UnsafeBufferPointer<UInt8> {
        let field = tokenizer.fields[column]
        return UnsafeBufferPointer(start: window + Int(field.start), count: Int(field.end - field.start))
    }

    /// Whether the field of the current record holds doubled quotes.
    @inline(__always)
    func hasDoubledQuotes(_ column: Int) -> Bool { tokenizer.fields[column].form == .doubled }

    /// The text of a field, with doubled quotes made single.
    func text(of column: Int) -> String {
        var scratch: [UInt8] = []
        return withText(of: column, &scratch) { String(decoding: $0, as: UTF8.self) }
    }

    /// Hands out the text of a field, using `scratch` where quotes are doubled.
    @inline(__always)
    func withText<Result>(
        of column: Int, _ scratch: inout [UInt8], _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        let bytes = bytes(of: column)
        guard hasDoubledQuotes(column) else { return body(bytes) }
        scratch.removeAll(keepingCapacity: true)
        var index = 0
        while index < bytes.count {
            scratch.append(bytes[index])
            index += bytes[index] == tokenizer.quote ? 2 : 1
        }
        return scratch.withUnsafeBufferPointer(body)
    }

    private mutating func checkFieldCount() throws(TableError) {
        let found = tokenizer.fields.count
        guard let expected else {
            self.expected = (found, tokenizer.recordLine)
            return
        }
        if found != expected.fields {
            throw tokenizer.error(
                line: tokenizer.recordLine, column: false,
                """
                expected \(expected.fields) field\(expected.fields == 1 ? "" : "s") as in line \(expected.line), \
                found \(found): a field that holds the separator must be quoted
                """)
        }
    }

    /// Moves the unread bytes to the front of the window, doubles it if they fill it, and reads on.
    private mutating func advance() throws(TableError) {
        let start = tokenizer.position
        let rest = count - start
        if rest == capacity {
            guard capacity < Self.recordLimit else {
                throw tokenizer.error(
                    line: tokenizer.line, column: false,
                    "the row that starts here is longer than 64 MiB: is a closing quote missing?")
            }
            let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2 + CSVTokenizer.padding)
            larger.update(from: window + start, count: rest)
            window.deallocate()
            window = larger
            capacity *= 2
        } else {
            window.update(from: window + start, count: rest)
        }
        tokenizer.position = 0
        try fill(from: rest)
    }

    private mutating func fill(from start: Int) throws(TableError) {
        let space = UnsafeMutableRawBufferPointer(start: window + start, count: capacity - start)
        let added = try stream.read(into: space)
        count = start + added
        isLast = added < space.count
        endWindow()
        if isFirst && UnsafeBufferPointer(start: window, count: count).starts(with: CSVTokenizer.byteOrderMark) {
            tokenizer.position = CSVTokenizer.byteOrderMark.count
        }
        isFirst = false
    }

    private func endWindow() {
        (window + count).update(repeating: ASCII.lineFeed, count: CSVTokenizer.padding)
    }
}
