/// The first records of a file, cut with one separator, and what they say for it.
struct SampledRecords {
    /// Enough to tell a dialect, few enough to take no time.
    private static let limit = 1_000

    let dialect: CSVDialect
    private let values: NumberText
    private var records: [[Value]] = []
    /// The records that cannot be read, for text after a closing quote and the like.
    private(set) var faultCount = 0
    /// The fields in quotes.
    private(set) var quotedCount = 0

    private enum Value: Equatable {
        case missing
        case empty
        case number(Double, hasPoint: Bool)
        /// A date, a decimal comma, grouped thousands: no number here, but no name either.
        case figure([UInt8])
        case text([UInt8])
    }

    init(_ dialect: CSVDialect) {
        self.dialect = dialect
        values = NumberText(decimalMark: dialect.decimalMark, missingTexts: dialect.missingTexts)
    }

    /// How many records were read.
    var count: Int { records.count }

    mutating func read(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int, isWhole: Bool) {
        var tokenizer = CSVTokenizer(file: "", dialect: dialect)
        tokenizer.position = start
        while records.count + faultCount < Self.limit {
            guard let outcome = try? tokenizer.next(in: bytes, count: end, isLast: isWhole) else {
                // One fault says little of the dialect: the next line may tell more.
                faultCount += 1
                var next = tokenizer.position
                while next < end, bytes[next] != ASCII.lineFeed, bytes[next] != ASCII.carriageReturn { next += 1 }
                tokenizer.position = next
                continue
            }
            guard case .record = outcome else { return }
            let isBlank = tokenizer.fields.allSatisfy { $0.start == $0.end && $0.form == .bare }
            // A line of tabs is a blank one as long as tabs are not known to separate fields.
            if isBlank, dialect.separator == ASCII.tab { continue }
            quotedCount += tokenizer.fields.count { $0.form != .bare }
            records.append(tokenizer.fields.map { value(of: $0, in: bytes) })
        }
    }

    private func value(of field: CSVField, in bytes: UnsafePointer<UInt8>) -> Value {
        let raw = UnsafeBufferPointer(start: bytes + Int(field.start), count: Int(field.end - field.start))
        let text = NumberText.trimmed(raw)
        if text.isEmpty { return .empty }
        if values.isMissing(text) { return .missing }
        if let number = values.double(text) { return .number(number.value, hasPoint: text.contains(ASCII.point)) }
        return NumberText.isFigure(text) ? .figure(Array(text)) : .text(Array(text))
    }

    /// The share of the records that have the most common number of fields; 0 where that is one field.
    var consistency: Double { consistency(of: records.count + faultCount) }

    /// The same among those that can be read.
    var consistencyOfReadable: Double { consistency(of: records.count) }

    private func consistency(of total: Int) -> Double {
        var counts: [Int: Int] = [:]
        for record in records { counts[record.count, default: 0] += 1 }
        // Of two counts as common as each other the larger is meant, whatever the order of the dictionary.
        guard let common = counts.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }), common.key > 1 else { return 0 }
        return Double(common.value) / Double(total)
    }

    /// Whether the first record names the columns; `CSVDialect.detect` has the rule.
    var hasHeader: Bool {
        guard let first = records.first else { return true }
        let rows = records.dropFirst().filter { $0.count == first.count }
        if !hasNames(first) { return countsColumns(first, above: rows) }
        if first.indices.contains(where: { isText(first[$0]) && isNumeric(column: $0, of: rows) }) { return true }
        let texts = first.compactMap { if case .text(let text) = $0 { text } else { nil } }
        let comesAgain = first.indices.contains { column in
            isText(first[column]) && rows.contains { $0[column] == first[column] }
        }
        return Set(texts).count == texts.count && !comesAgain
    }

    /// Whether numbers are written with a decimal comma: some are, and not all with three digits behind it, which may be
    /// grouped thousands; and none needs a point.
    var hasDecimalCommas: Bool {
        let comma = NumberText(decimalMark: ASCII.comma)
        var isCertain = false
        for record in records.dropFirst() {
            for value in record {
                guard case .figure(let text) = value else {
                    if case .number(_, hasPoint: true) = value { return false }
                    continue
                }
                guard text.withUnsafeBufferPointer({ comma.float($0) }) != nil else { continue }
                let decimals = text.drop { $0 != ASCII.comma }.dropFirst()
                if decimals.prefix(while: ASCII.isDigit).count != 3 { isCertain = true }
            }
        }
        return isCertain
    }

    private func hasNames(_ record: [Value]) -> Bool {
        var texts = 0
        for (column, value) in record.enumerated() {
            switch value {
            case .text: texts += 1
            case .empty where column == 0: break
            case .empty, .missing, .number, .figure: return false
            }
        }
        return texts > 0
    }

    /// Whether the numbers of a record are column numbers: 0, 1, 2, … or 1, 2, 3, …
    private func countsColumns(_ record: [Value], above rows: [[Value]]) -> Bool {
        var numbers: [Double] = []
        var hasTexts = false
        for (column, value) in record.enumerated() {
            switch value {
            case .number(let number, _):
                numbers.append(number)
            case .text:
                guard isNumeric(column: column, of: rows) else { return false }
                hasTexts = true
            case .empty where column == 0:
                break
            case .empty, .missing, .figure:
                return false
            }
        }
        guard let first = numbers.first, first == 0 || first == 1, numbers.count >= (hasTexts ? 2 : 8) else {
            return false
        }
        return numbers.enumerated().allSatisfy { $0.element == first + Double($0.offset) }
    }

    private func isText(_ value: Value) -> Bool {
        if case .text = value { true } else { false }
    }

    private func isNumeric(column: Int, of rows: [[Value]]) -> Bool {
        var profile = ColumnProfile(name: "")
        for row in rows {
            switch row[column] {
            case .number: profile.numberCount += 1
            case .text, .figure: profile.textCount += 1
            case .empty, .missing: break
            }
        }
        return profile.isNumeric
    }
}
