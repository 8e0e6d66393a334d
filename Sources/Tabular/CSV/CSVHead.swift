internal import LinearAlgebra

/// Reads the first records of an input one by one.
struct CSVHead: ~Copyable {
    private var cutter: CSVCutter
    private var tokenizer: CSVTokenizer
    private let quote: UInt8
    private var text: CSVText?

    init(
        _ stream: consuming CSVByteStream, name: String, dialect: CSVDialect, textSize: Int
    ) throws(TableError) {
        cutter = CSVCutter(stream, dialect: dialect, textSize: textSize)
        tokenizer = CSVTokenizer(file: name, dialect: dialect)
        quote = dialect.quote
    }

    /// The line on which the current record starts.
    var line: Int { tokenizer.recordLine }

    /// Names for messages about columns.
    mutating func setColumnNames(_ names: [String]) { tokenizer.columnNames = names }

    /// Moves to the next record, which must have as many fields as the one before; `false` when there is none.
    ///
    /// - Parameter checksFieldCount: Whether another number of fields is an error.
    mutating func next(checksFieldCount: Bool = true) throws(TableError) -> Bool {
        let expected = (count: tokenizer.fields.count, line: tokenizer.recordLine)
        while true {
            if let text {
                switch try tokenizer.next(in: text.bytes, count: text.count, isLast: !text.isOverlong) {
                case .record:
                    if checksFieldCount { try tokenizer.checkFieldCount(expected.count, asInLine: expected.line) }
                    return true
                case .incomplete: throw tokenizer.overlongRecord
                case .end: break
                }
            }
            text = try cutter.next(reusing: nil)
            tokenizer.position = 0
            if text == nil { return false }
        }
    }

    /// The fields of the current record, with doubled quotes made single.
    var texts: [String] {
        guard let text else { return [] }
        return tokenizer.fields.map { field in
            let bytes = UnsafeBufferPointer(
                start: text.bytes + Int(field.start), count: Int(field.end - field.start))
            guard field.form == .doubled else { return String(decoding: bytes, as: UTF8.self) }
            return String(decoding: CSVTokenizer.undoubled(bytes, quote: quote), as: UTF8.self)
        }
    }
}
