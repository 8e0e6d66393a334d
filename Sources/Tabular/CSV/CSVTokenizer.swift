/// Where one field of a record stands in the window of bytes.
struct CSVField {
    /// How the field is written.
    enum Form: UInt8 {
        /// Without quotes; surrounding blanks are already cut off.
        case bare
        /// In quotes that hold no quote; the blanks inside belong to the field.
        case quoted
        /// In quotes, with doubled quotes that stand for one.
        case doubled
    }

    var start: UInt32
    var end: UInt32
    var form: Form
}

/// Cuts bytes into records and fields as RFC 4180 says, and counts physical lines.
///
/// It knows nothing of files: it works on a window of bytes from `position` on, and says `incomplete` when the window
/// ends inside a record, so that a caller may bring more bytes (or cut a file among workers). The verdict on a record
/// never depends on where a window ends.
///
/// What RFC 4180 leaves open is decided so: lines end with LF, CRLF or a lone CR; lines without anything but blanks are
/// skipped, also in a table of one column (where a missing value is written `""`), and so are comments where the dialect has any; blanks around a field are not part
/// of it, so a quote may follow a blank; a quote inside an unquoted field is an ordinary character; text after a closing
/// quote, a NUL byte and text that is not UTF-8 are errors.
struct CSVTokenizer {
    enum Outcome {
        /// `fields` holds a record.
        case record
        /// The window ends inside a record.
        case incomplete
        /// There are no more records.
        case end
    }

    /// A longer field is a quote that was never closed, or not a table.
    static let fieldLimit = 16 << 20
    /// Bounds the memory that a line of nothing but separators can take.
    static let columnLimit = 1 << 20
    /// The scans load many bytes at a time: a window carries as many line feeds after its last byte.
    static let padding = RecordKernel.padding

    /// What some programs write before the first character of UTF-8 text.
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    let file: String
    let separator: UInt8
    let quote: UInt8
    /// For messages; empty until they are known.
    var columnNames: [String] = []
    /// The fields of the last record, as offsets into the window.
    private(set) var fields: [CSVField] = []
    /// The line on which the last record starts, from 1.
    private(set) var recordLine = 1
    /// The line on which the next record starts.
    var line = 1
    /// The offset of the next record in the window.
    var position = 0

    private let comment: UInt8?
    /// Besides the space; a space again where tabs separate fields.
    private let secondBlank: UInt8

    init(file: String, dialect: CSVDialect) {
        self.file = file
        separator = dialect.separator
        quote = dialect.quote
        comment = dialect.comment
        secondBlank = separator == ASCII.tab ? ASCII.space : ASCII.tab
    }

    /// Reads the record at `position`.
    ///
    /// - Precondition: `padding` line feeds follow the `count` bytes.
    mutating func next(
        in bytes: UnsafePointer<UInt8>, count: Int, isLast: Bool
    ) throws(TableError) -> Outcome {
        guard skipBlankLines(in: bytes, count: count, isLast: isLast) else {
            return isLast ? .end : .incomplete
        }
        fields.removeAll(keepingCapacity: true)
        recordLine = line
        var cursor = Cursor(index: position, line: line)
        var isLastField = false
        while !isLastField {
            guard fields.count < Self.columnLimit else {
                throw error(line: recordLine, "this row has more than \(Self.columnLimit) fields: is it a table?")
            }
            var start = cursor.index
            while isBlank(bytes[start]) { start += 1 }
            cursor.index = start
            let (fieldLine, column) = (cursor.line, fields.count)
            let end =
                bytes[start] == quote && start < count
                ? try quotedField(at: &cursor, in: bytes, count: count, isLast: isLast)
                : try bareField(at: &cursor, in: bytes, count: count, isLast: isLast)
            if cursor.index - start > Self.fieldLimit {
                throw error(
                    line: fieldLine, column: column,
                    "the field that starts here is longer than 16 MiB: is a closing quote missing?")
            }
            switch end {
            case .separator: break
            case .record: isLastField = true
            case .window where isLast:
                throw error(line: fieldLine, "the quote that opens here is never closed: add the closing quote")
            case .window: return .incomplete
            }
        }
        if cursor.isASCII == false { try validate(bytes, from: position, to: cursor.index) }
        position = cursor.index
        line = cursor.line
        return .record
    }

    /// An error at `line`, in the column that is being read.
    func error(line: Int, _ message: String) -> TableError { error(line: line, column: fields.count, message) }

    /// An error in a column, which goes by its index where it has no name, as a header has none.
    private func error(line: Int, column: Int, _ message: String) -> TableError {
        let name = columnNames.indices.contains(column) ? columnNames[column] : String(column)
        return TableError(.badData, file: file, line: line, column: name, message)
    }

    /// - Precondition: `line` is where a record starts that does not end in sight.
    var overlongRecord: TableError {
        error(line: line, "the row that starts here is longer than 64 MiB: is a closing quote missing?")
    }

    /// Refuses the last record when it has another number of fields than the record in `firstLine`; 0 is any number.
    ///
    /// The column named is the one where it shows: the first without a field, or the one behind which there are more.
    func checkFieldCount(_ expected: Int, asInLine firstLine: Int) throws(TableError) {
        guard expected > 0, fields.count != expected else { return }
        throw error(
            line: recordLine, column: min(fields.count, expected - 1),
            """
            expected \(expected) field\(expected == 1 ? "" : "s") as in line \(firstLine), \
            found \(fields.count): a field that holds the separator must be quoted
            """)
    }

    /// The text of a field in which every quote is doubled.
    static func undoubled(_ bytes: UnsafeBufferPointer<UInt8>, quote: UInt8) -> [UInt8] {
        var text: [UInt8] = []
        var index = 0
        while index < bytes.count {
            text.append(bytes[index])
            index += bytes[index] == quote ? 2 : 1
        }
        return text
    }

    // MARK: Fields

    private struct Cursor {
        var index: Int
        var line: Int
        var isASCII = true
    }

    /// What ended a field.
    private enum End {
        case separator
        case record
        /// Not decided: the window ends here.
        case window
    }

    // Inlined, with the end of the field: a call per field costs an eighth of the time to read numbers.
    @inline(__always)
    private mutating func bareField(
        at cursor: inout Cursor, in bytes: UnsafePointer<UInt8>, count: Int, isLast: Bool
    ) throws(TableError) -> End {
        let start = cursor.index
        var index = start
        let pattern = ByteScan.repeated(separator)
        while true {
            index = ByteScan.next(pattern, in: bytes, from: index)
            let byte = bytes[index]
            if byte == separator || byte == ASCII.lineFeed || byte == ASCII.carriageReturn { break }
            if byte == 0 { throw error(line: cursor.line, Self.nulMessage) }
            if byte >= 0x80 { cursor.isASCII = false }
            index += 1
        }
        cursor.index = index
        if index == count && !isLast { return .window }
        var end = index
        while end > start && isBlank(bytes[end - 1]) { end -= 1 }
        fields.append(CSVField(start: UInt32(start), end: UInt32(end), form: .bare))
        return endOfField(at: &cursor, in: bytes, count: count, isLast: isLast) ?? .record
    }

    private mutating func quotedField(
        at cursor: inout Cursor, in bytes: UnsafePointer<UInt8>, count: Int, isLast: Bool
    ) throws(TableError) -> End {
        let start = cursor.index + 1
        var form = CSVField.Form.quoted
        var index = start
        let pattern = ByteScan.repeated(quote)
        scan: while true {
            index = ByteScan.next(pattern, in: bytes, from: index)
            if index >= count {
                cursor.index = count
                return .window
            }
            let byte = bytes[index]
            index += 1
            switch byte {
            case quote:
                // The byte after the window is a line feed, never a quote: but it may be one in the next window.
                if index == count && !isLast {
                    cursor.index = count
                    return .window
                }
                guard bytes[index] == quote && index < count else { break scan }
                form = .doubled
                index += 1
            case ASCII.lineFeed:
                cursor.line += 1
            case ASCII.carriageReturn:
                if index < count && bytes[index] == ASCII.lineFeed { index += 1 }
                cursor.line += 1
            case 0:
                throw error(line: cursor.line, Self.nulMessage)
            default:
                if byte >= 0x80 { cursor.isASCII = false }
            }
        }
        let end = index - 1
        while isBlank(bytes[index]) { index += 1 }
        cursor.index = index
        if index == count && !isLast { return .window }
        guard let ending = endOfField(at: &cursor, in: bytes, count: count, isLast: isLast) else {
            throw error(
                line: cursor.line,
                "text follows a closing quote: a field is quoted as a whole, and a quote inside it is doubled")
        }
        fields.append(CSVField(start: UInt32(start), end: UInt32(end), form: form))
        return ending
    }

    /// Steps over what ends a field; `nil` when something else stands there.
    @inline(__always)
    private func endOfField(
        at cursor: inout Cursor, in bytes: UnsafePointer<UInt8>, count: Int, isLast: Bool
    ) -> End? {
        let index = cursor.index
        if index == count { return .record }
        switch bytes[index] {
        case separator:
            cursor.index = index + 1
            return .separator
        case ASCII.lineFeed:
            cursor.index = index + 1
        case ASCII.carriageReturn:
            // Whether a line feed belongs to this line end shows only in the next window.
            if index + 1 == count && !isLast { return .window }
            cursor.index = index + (index + 1 < count && bytes[index + 1] == ASCII.lineFeed ? 2 : 1)
        default:
            return nil
        }
        cursor.line += 1
        return .record
    }

    // MARK: Lines and text

    /// Moves `position` to the first line that holds something but blanks or a comment; `false` when the window has none.
    private mutating func skipBlankLines(in bytes: UnsafePointer<UInt8>, count: Int, isLast: Bool) -> Bool {
        while true {
            var index = position
            while isBlank(bytes[index]) { index += 1 }
            if let comment, bytes[index] == comment, index < count {
                while bytes[index] != ASCII.lineFeed && bytes[index] != ASCII.carriageReturn { index += 1 }
            }
            guard index < count else { return false }
            switch bytes[index] {
            case ASCII.lineFeed:
                position = index + 1
            case ASCII.carriageReturn:
                if index + 1 == count && !isLast { return false }
                position = index + (index + 1 < count && bytes[index + 1] == ASCII.lineFeed ? 2 : 1)
            default:
                return true
            }
            line += 1
        }
    }

    @inline(__always)
    private func isBlank(_ byte: UInt8) -> Bool {
        (byte == ASCII.space && separator != ASCII.space) || byte == secondBlank
    }

    private func validate(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) throws(TableError) {
        let text = UnsafeBufferPointer(start: bytes + start, count: end - start)
        do {
            _ = try UTF8Span(validating: text.span)
        } catch {
            let lineEnds = CSVTokenizer.lineEnds(in: text, before: error.byteOffsets.lowerBound)
            let offset = UInt32(start + error.byteOffsets.lowerBound)
            throw self.error(
                line: recordLine + lineEnds, column: max(0, fields.count { $0.start <= offset } - 1),
                "the text is not valid UTF-8: save the file as UTF-8 (`iconv -f LATIN1 -t UTF-8` does it for Latin-1)")
        }
    }

    private static func lineEnds(in text: UnsafeBufferPointer<UInt8>, before offset: Int) -> Int {
        var lineEnds = 0
        for index in 0..<offset {
            let isLoneReturn = text[index] == ASCII.carriageReturn && text[index + 1] != ASCII.lineFeed
            if text[index] == ASCII.lineFeed || isLoneReturn { lineEnds += 1 }
        }
        return lineEnds
    }

    private static let nulMessage =
        "there is a NUL byte here: this is binary data or UTF-16 text, and CSV is UTF-8 text; export it as UTF-8"
}
