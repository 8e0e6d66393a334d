/// How a CSV file is written: what separates and quotes its fields, and whether its first record names the columns.
public struct CSVDialect: Sendable, Equatable, Codable {
    /// The byte between two fields.
    public var separator: UInt8
    /// The byte around a field that holds separators, line ends or quotes; inside it is doubled.
    public var quote: UInt8
    /// Whether the first record holds the names of the columns.
    public var hasHeader: Bool

    /// A dialect as RFC 4180 has it, unless said otherwise.
    public init(separator: UInt8 = UInt8(ascii: ","), quote: UInt8 = UInt8(ascii: "\""), hasHeader: Bool = true) {
        self.separator = separator
        self.quote = quote
        self.hasHeader = hasHeader
    }

    /// The dialect in which the start of a file makes most sense.
    ///
    /// The separator is the one of tab, `|`, `;` and `,` with which the largest share of the records has the same
    /// number of fields, more than one; the earlier one wins a tie, since decimal commas are as regular as any
    /// separator. Where none cuts the records, it is the comma.
    ///
    /// The first record is a header when
    /// - it has no number, nothing made of digits and signs alone, such as a date, and no missing value (only its first
    ///   field may be empty, as row names are written), and
    /// - some column below a name is numeric; or, in a table of texts, its fields differ from one another and none
    ///   comes again in its own column.
    ///
    /// Numbers may be names when they count the columns up from 0 or 1 and the other names stand above numeric columns,
    /// or when there are at least eight of them and nothing else.
    ///
    /// - Parameters:
    ///   - sample: The first bytes of a file; a record that they cut off is left out of account.
    ///   - isWhole: Whether the sample is all of the file.
    ///   - separator: The separator, where it is known.
    ///   - hasHeader: Whether there is a header, where it is known.
    public static func detect(
        in sample: [UInt8], isWhole: Bool = true, separator: UInt8? = nil, hasHeader: Bool? = nil
    ) -> CSVDialect {
        let mark = CSVTokenizer.byteOrderMark
        let start = sample.starts(with: mark) ? mark.count : 0
        let padded = sample + [UInt8](repeating: ASCII.lineFeed, count: CSVTokenizer.padding)
        let candidates = separator.map { [$0] } ?? [ASCII.tab, ASCII.bar, ASCII.semicolon, ASCII.comma]
        return padded.withUnsafeBufferPointer { buffer in
            var best = SampledRecords(separator: separator ?? ASCII.comma)
            guard let bytes = buffer.baseAddress else { return CSVDialect() }
            best.read(bytes, from: start, to: sample.count, isWhole: isWhole)
            for candidate in candidates where candidate != best.separator {
                var records = SampledRecords(separator: candidate)
                records.read(bytes, from: start, to: sample.count, isWhole: isWhole)
                let isBetter = records.consistency > best.consistency
                // The comma is measured first and comes last.
                let isTieWithComma = records.consistency == best.consistency && best.separator == ASCII.comma
                if records.consistency > 0 && (isBetter || isTieWithComma) { best = records }
            }
            return CSVDialect(separator: best.separator, hasHeader: hasHeader ?? best.hasHeader)
        }
    }
}
