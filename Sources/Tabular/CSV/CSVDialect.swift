/// How a CSV file is written: the signs with a meaning, and whether its first record names the columns.
public struct CSVDialect: Sendable, Equatable, Codable {
    /// The byte between two fields.
    public var separator: UInt8
    /// The byte around a field that holds separators, line ends or quotes; inside it is doubled.
    public var quote: UInt8
    /// Whether the first record holds the names of the columns.
    public var hasHeader: Bool
    /// The byte between the whole part of a number and its fraction: a point or a comma.
    public var decimalMark: UInt8
    /// The byte with which a line starts that is none of the table; `nil`: there are no such lines.
    public var comment: UInt8?
    /// What stands for a missing value besides an empty field, surrounding blanks ignored.
    public var missingTexts: [String]

    /// `NA`, `NaN`, `null` and `?`; the words may also be all lower or all upper case, as other programs write them.
    public static let usualMissingTexts = ["?", "NA", "na", "NaN", "nan", "NAN", "null", "NULL"]

    /// A dialect as RFC 4180 has it, unless said otherwise.
    public init(
        separator: UInt8 = UInt8(ascii: ","), quote: UInt8 = UInt8(ascii: "\""), hasHeader: Bool = true,
        decimalMark: UInt8 = UInt8(ascii: "."), comment: UInt8? = nil,
        missingTexts: [String] = CSVDialect.usualMissingTexts
    ) {
        self.separator = separator
        self.quote = quote
        self.hasHeader = hasHeader
        self.decimalMark = decimalMark
        self.comment = comment
        self.missingTexts = missingTexts
    }

    /// What is known of a dialect; `nil` is to be detected, or usual where nothing shows it.
    public struct Hints: Sendable, Hashable {
        public var separator: UInt8?
        public var quote: UInt8?
        public var hasHeader: Bool?
        public var decimalMark: UInt8?
        /// No comments where `nil`: a name may begin with any sign.
        public var comment: UInt8?
        public var missingTexts: [String]?

        public init(
            separator: UInt8? = nil, quote: UInt8? = nil, hasHeader: Bool? = nil, decimalMark: UInt8? = nil,
            comment: UInt8? = nil, missingTexts: [String]? = nil
        ) {
            self.separator = separator
            self.quote = quote
            self.hasHeader = hasHeader
            self.decimalMark = decimalMark
            self.comment = comment
            self.missingTexts = missingTexts
        }

        /// Why no table can be written so; `nil` when one can.
        public var refusal: String? {
            if let separator, separator != ASCII.tab, separator == ASCII.quote || !Self.isSign(separator) {
                return """
                    byte \(separator) cannot separate fields (--separator): use a comma, a semicolon, a tab or another sign of ASCII
                    """
            }
            if let quote, !Self.isSign(quote) || quote == ASCII.space {
                return "byte \(quote) cannot quote fields (--quote): use a sign of ASCII such as \" or '"
            }
            if let comment, !Self.isSign(comment) || comment == ASCII.space || comment == ASCII.quote {
                return "byte \(comment) cannot start comments (--comment): use a sign of ASCII such as #"
            }
            if let decimalMark, decimalMark != ASCII.point, decimalMark != ASCII.comma {
                return "byte \(decimalMark) cannot stand in numbers (--decimal): the decimal mark is a point or a comma"
            }
            let signs = [separator, quote, comment, decimalMark].compactMap { $0 }
            guard Set(signs).count == signs.count else {
                return
                    "the separator, the quote, the decimal mark and the start of comments must differ from one another"
            }
            return nil
        }

        /// Whether a byte is printable and no part of a word or a number.
        private static func isSign(_ byte: UInt8) -> Bool {
            let isPartOfNumber = byte == ASCII.point || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
            let isLetterOrDigit = Unicode.Scalar(byte).properties.isAlphabetic || ASCII.isDigit(byte)
            return byte >= 0x20 && byte < 0x7F && !isPartOfNumber && !isLetterOrDigit
        }
    }

    /// The dialect in which the start of a file makes most sense.
    ///
    /// The separator is the one of tab, `|`, `;` and `,` with which the largest share of the records has the same
    /// number of fields, more than one; the earlier one wins a tie, since decimal commas are as regular as any
    /// separator. Where none cuts the records, it is the comma.
    ///
    /// The quote is `'` when no field stands in `"`, more fields stand in `'` than records break at one, and the records
    /// are as regular so. The decimal mark is a comma when another sign separates fields and numbers have commas and no
    /// points; where each comma has three digits behind it, it may group thousands, and is left to be refused.
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
    ///   - hints: What is known.
    public static func detect(in sample: [UInt8], isWhole: Bool = true, hints: Hints = Hints()) -> CSVDialect {
        let mark = CSVTokenizer.byteOrderMark
        let start = sample.starts(with: mark) ? mark.count : 0
        let padded = sample + [UInt8](repeating: ASCII.lineFeed, count: CSVTokenizer.padding)
        return padded.withUnsafeBufferPointer { buffer in
            guard let bytes = buffer.baseAddress else { return CSVDialect() }
            func records(_ dialect: CSVDialect) -> SampledRecords {
                var records = SampledRecords(dialect)
                records.read(bytes, from: start, to: sample.count, isWhole: isWhole)
                return records
            }
            var best = records(
                CSVDialect(
                    separator: hints.separator ?? ASCII.comma, quote: hints.quote ?? ASCII.quote,
                    decimalMark: hints.decimalMark ?? ASCII.point, comment: hints.comment,
                    missingTexts: hints.missingTexts ?? usualMissingTexts))
            func improve(_ change: (inout CSVDialect) -> Void, when isBetter: (SampledRecords) -> Bool) {
                var dialect = best.dialect
                change(&dialect)
                let candidate = records(dialect)
                if isBetter(candidate) { best = candidate }
            }
            let taken = [hints.quote, hints.comment, hints.decimalMark]
            for separator in [ASCII.tab, ASCII.bar, ASCII.semicolon]
            where hints.separator == nil && !taken.contains(separator) {
                improve({ $0.separator = separator }) { candidate in
                    // The comma is measured first and comes last.
                    candidate.consistency > best.consistency
                        || (candidate.consistency == best.consistency && candidate.consistency > 0
                            && best.dialect.separator == ASCII.comma)
                }
            }
            if hints.quote == nil, best.quotedCount == 0, best.dialect.comment != ASCII.apostrophe {
                improve({ $0.quote = ASCII.apostrophe }) { candidate in
                    candidate.quotedCount > candidate.faultCount
                        && candidate.consistencyOfReadable >= best.consistency
                }
            }
            if hints.decimalMark == nil, best.dialect.separator != ASCII.comma, best.hasDecimalCommas {
                improve({ $0.decimalMark = ASCII.comma }) { _ in true }
            }
            var dialect = best.dialect
            dialect.hasHeader = hints.hasHeader ?? best.hasHeader
            return dialect
        }
    }
}
