/// Turns texts into numbers and codes: the work of one worker.
///
/// Plain records go through the compiled loop. A record that is not plain is cut by the tokenizer, which also has the
/// words for what is wrong with it.
struct CSVTextParser: ~Copyable {
    private let request: CSVRequest
    private let values: NumberText
    private let slots: [Int?]
    private let textsOfColumn: [[Int]]
    /// For every column its place among the exact numbers.
    private let exactOfColumn: [Int?]
    private let timeSlots: [Int?]
    private let isProfile: Bool
    /// Whether numbers too must be looked at as texts, since some mean that a value is missing.
    private let checksNumbers: Bool
    private var kernel: RecordKernel
    private var tokenizer: CSVTokenizer

    init(_ request: CSVRequest) {
        self.request = request
        values = NumberText(decimalMark: request.dialect.decimalMark, missingTexts: request.dialect.missingTexts)
        checksNumbers = values.hasMissingNumbers
        isProfile = request.purpose == .profile
        slots = request.slots
        var textsOfColumn = [[Int]](repeating: [], count: request.columnNames.count)
        for (index, text) in request.texts.enumerated() { textsOfColumn[text.column].append(index) }
        self.textsOfColumn = textsOfColumn
        var exactOfColumn = [Int?](repeating: nil, count: request.columnNames.count)
        for (index, column) in request.exact.enumerated() { exactOfColumn[column] = index }
        self.exactOfColumn = exactOfColumn
        var timeSlots = [Int?](repeating: nil, count: request.columnNames.count)
        for (slot, column) in request.times.enumerated() { timeSlots[column] = slot }
        self.timeSlots = timeSlots
        kernel = RecordKernel(
            request.dialect, slots: checksNumbers ? slots.map { _ in nil } : slots, width: request.numbers.count,
            takesMoments: isProfile)
        tokenizer = CSVTokenizer(file: request.name, dialect: request.dialect)
        tokenizer.columnNames = request.columnNames
    }

    /// - Parameter wantsLevels: For every text of the request, whether its levels are still collected.
    mutating func parse(_ text: CSVText, wantsLevels: [Bool]) -> ParsedText {
        var parsed = ParsedText(index: text.index)
        // Every field but a record's last is followed by a separator, and every record by a line end.
        let rowLimit = min(
            RecordKernel.lineEndCount(text.bytes, count: text.count) + 1, text.count / slots.count + 1)
        for (index, wanted) in request.texts.enumerated() {
            let isGiven = wanted.given != nil
            let isWanted = isGiven || wantsLevels[index]
            parsed.texts.append(
                TextColumn(
                    codes: isWanted ? Array(repeating: RowChunk.missing, count: rowLimit) : [],
                    levels: isWanted && !isGiven ? LevelTable() : nil, isLimited: isProfile))
        }
        for column in slots.indices {
            let wantsText = textsOfColumn[column].contains { !parsed.texts[$0].codes.isEmpty }
            kernel.setWantsText(
                wantsText || exactOfColumn[column] != nil || timeSlots[column] != nil
                    || (checksNumbers && slots[column] != nil), of: column)
        }
        parsed.doubles = Array(repeating: .nan, count: rowLimit * request.exact.count)
        parsed.times = Array(repeating: .nan, count: rowLimit * request.times.count)
        if isProfile { parsed.tallies = Array(repeating: ColumnTally(), count: slots.count) }
        kernel.start(text.bytes, count: text.count)
        let numberCount = rowLimit * request.numbers.count
        parsed.numbers = Array(unsafeUninitializedCapacity: numberCount) { buffer, count in
            if let base = buffer.baseAddress {
                if checksNumbers { base.update(repeating: .nan, count: numberCount) }
                do throws(TableError) {
                    try parse(text, into: base, rowLimit: rowLimit, &parsed)
                } catch {
                    parsed.failure = error
                }
            }
            count = kernel.row * request.numbers.count
        }
        parsed.rowCount = kernel.row
        parsed.lineCount = kernel.line
        parsed.doubles.removeLast((rowLimit - kernel.row) * request.exact.count)
        for index in parsed.texts.indices where !parsed.texts[index].codes.isEmpty {
            parsed.texts[index].codes.removeLast(rowLimit - kernel.row)
        }
        parsed.times.removeLast((rowLimit - kernel.row) * request.times.count)
        parsed.removeRejectedRows(of: request)
        for column in parsed.tallies.indices where !checksNumbers {
            if let slot = slots[column] {
                var moments = kernel.moments(ofSlot: slot)
                moments.merge(parsed.tallies[column].moments)
                parsed.tallies[column].moments = moments
            }
        }
        return parsed
    }

    private mutating func parse(
        _ text: CSVText, into numbers: UnsafeMutablePointer<Float>, rowLimit: Int, _ parsed: inout ParsedText
    ) throws(TableError) {
        if text.isHead && request.dialect.hasHeader { try skipHeader(text) }
        // Such a text has one record, the end of which is not there.
        if text.isOverlong { return try readRecord(of: text, into: numbers, &parsed) }
        while true {
            let outcome = kernel.read(into: numbers, rowLimit: rowLimit)
            for index in 0..<kernel.fieldCount {
                let field = kernel.field(index)
                do throws(RowFault) {
                    try take(
                        field.text, isQuoted: field.isQuoted,
                        known: field.isNumber && !checksNumbers ? (isInteger: field.isInteger, ()) : nil,
                        row: field.row, column: field.column, line: field.line, numbers, &parsed)
                } catch {
                    let start = field.text.baseAddress.map { $0 - text.bytes } ?? 0
                    try putAside(error, row: field.row, in: text, at: start..<start + field.text.count, &parsed)
                }
            }
            switch outcome {
            case .end: return
            case .full: continue
            case .other: try readRecord(of: text, into: numbers, &parsed)
            }
        }
    }

    private mutating func skipHeader(_ text: CSVText) throws(TableError) {
        tokenizer.position = 0
        tokenizer.line = 1
        _ = try tokenizer.next(in: text.bytes, count: text.count, isLast: !text.isOverlong)
        guard tokenizer.fields.count == slots.count else {
            throw TableError(
                .inputOutput, file: request.name, "the header changed while the file was in use: start again")
        }
        kernel.skip(to: tokenizer.position, line: tokenizer.line - 1, isRow: false)
    }

    /// Reads a record that is not plain.
    private mutating func readRecord(
        of text: CSVText, into numbers: UnsafeMutablePointer<Float>, _ parsed: inout ParsedText
    ) throws(TableError) {
        tokenizer.position = kernel.position
        tokenizer.line = kernel.line + 1
        switch try tokenizer.next(in: text.bytes, count: text.count, isLast: !text.isOverlong) {
        case .end:
            kernel.skip(to: text.count, line: tokenizer.line - 1, isRow: false)
            return
        case .incomplete:
            throw tokenizer.overlongRecord
        case .record: break
        }
        let line = tokenizer.recordLine - 1
        if request.rejectsRows, tokenizer.fields.count != slots.count {
            parsed.rejected.append(
                RejectedRow(
                    line: line, reason: "expected \(slots.count) fields, found \(tokenizer.fields.count)",
                    text: Self.lines(of: text, around: recordRange)))
            kernel.skip(to: tokenizer.position, line: tokenizer.line - 1, isRow: false)
            return
        }
        try tokenizer.checkFieldCount(slots.count, asInLine: request.firstLine)
        let row = kernel.row
        for slot in request.numbers.indices { numbers[row * request.numbers.count + slot] = .nan }
        for column in slots.indices
        where slots[column] != nil || exactOfColumn[column] != nil || !textsOfColumn[column].isEmpty
            || timeSlots[column] != nil
        {
            let field = tokenizer.fields[column]
            let bytes = UnsafeBufferPointer(
                start: text.bytes + Int(field.start), count: Int(field.end - field.start))
            do throws(RowFault) {
                if field.form == .doubled {
                    let text = CSVTokenizer.undoubled(bytes, quote: request.dialect.quote)
                    let outcome = text.withUnsafeBufferPointer { text in
                        Result { () throws(RowFault) in
                            try take(
                                text, isQuoted: true, known: nil, row: row, column: column, line: line, numbers,
                                &parsed)
                        }
                    }
                    try outcome.get()
                } else if !bytes.isEmpty {
                    try take(
                        bytes, isQuoted: field.form == .quoted, known: nil, row: row, column: column, line: line,
                        numbers, &parsed)
                }
            } catch {
                try putAside(error, row: row, in: text, at: recordRange, &parsed)
            }
        }
        kernel.skip(to: tokenizer.position, line: tokenizer.line - 1, isRow: true)
    }

    // MARK: Rows that cannot be taken

    private func putAside(
        _ fault: RowFault, row: Int, in text: CSVText, at place: Range<Int>, _ parsed: inout ParsedText
    ) throws(TableError) {
        guard request.rejectsRows else {
            throw TableError(
                .badData, file: request.name, line: fault.line + 1, column: fault.column,
                "\(fault.reason): \(fault.advice)")
        }
        guard parsed.rejected.last?.row != row else { return }
        parsed.rejected.append(
            RejectedRow(
                row: row, line: fault.line, column: fault.column, reason: fault.reason,
                text: Self.lines(of: text, around: place)))
    }

    /// Where the tokenizer's record stands in its text.
    private var recordRange: Range<Int> {
        guard let first = tokenizer.fields.first, let last = tokenizer.fields.last else { return 0..<0 }
        return Int(first.start)..<Int(last.end)
    }

    /// The lines of which bytes are part, without the last line end.
    private static func lines(of text: CSVText, around place: Range<Int>) -> String {
        func isLineEnd(_ position: Int) -> Bool {
            text.bytes[position] == ASCII.lineFeed || text.bytes[position] == ASCII.carriageReturn
        }
        var start = place.lowerBound
        while start > 0, !isLineEnd(start - 1) { start -= 1 }
        var end = place.upperBound
        while end < text.count, !isLineEnd(end) { end += 1 }
        return String(decoding: UnsafeBufferPointer(start: text.bytes + start, count: end - start), as: UTF8.self)
    }

    // MARK: Values

    /// Takes a field that is not empty.
    ///
    /// - Parameter known: That the field is a number which is already stored.
    private func take(
        _ text: UnsafeBufferPointer<UInt8>, isQuoted: Bool, known: (isInteger: Bool, Void)?, row: Int, column: Int,
        line: Int, _ numbers: UnsafeMutablePointer<Float>, _ parsed: inout ParsedText
    ) throws(RowFault) {
        var isFraction = false
        if let known {
            isFraction = !known.isInteger
        } else {
            let trimmed = isQuoted ? NumberText.trimmed(text) : text
            if values.isMissing(trimmed) { return }
            if let slot = slots[column] {
                if isProfile {
                    if let number = values.double(trimmed), let float = values.float(trimmed) {
                        isFraction = !number.isInteger
                        parsed.tallies[column].moments.add(number.value, isInteger: number.isInteger)
                        numbers[row * request.numbers.count + slot] = float
                    } else {
                        count(text, trimmed, column: column, line: line, &parsed)
                    }
                } else if let number = values.float(trimmed) {
                    numbers[row * request.numbers.count + slot] = number
                } else {
                    throw refusal(of: text, trimmed, column: column, line: line)
                }
            }
            if let slot = timeSlots[column] {
                guard let seconds = TimeText.seconds(trimmed, isDeclared: true) else {
                    throw RowFault(
                        line: line, column: request.columnNames[column],
                        reason: "expected a date or a time, found '\(String(decoding: text, as: UTF8.self).shortened)'",
                        advice:
                            "write it as 2024-05-31 or 2024-05-31T17:30:00, leave it empty if it is missing, or leave the "
                            + "column out with --ignore")
                }
                parsed.times[row * request.times.count + slot] = seconds
            }
        }
        if let exact = exactOfColumn[column] {
            let trimmed = NumberText.trimmed(text)
            guard let number = values.double(trimmed) else {
                throw refusal(of: text, trimmed, column: column, line: line)
            }
            parsed.doubles[row * request.exact.count + exact] = number.value
        }
        for index in textsOfColumn[column] where !parsed.texts[index].codes.isEmpty {
            let code = request.texts[index].given?.code(of: text)
            if code == RowChunk.unseen, request.texts[index].isStrict, request.rejectsRows {
                throw RowFault(
                    line: line, column: request.columnNames[column],
                    reason: "'\(String(decoding: text, as: UTF8.self).shortened)' is none of the classes", advice: "")
            }
            parsed.texts[index].codes[row] = code ?? parsed.texts[index].add(text, isFraction: isFraction)
        }
    }

    private func count(
        _ text: UnsafeBufferPointer<UInt8>, _ trimmed: UnsafeBufferPointer<UInt8>, column: Int, line: Int,
        _ parsed: inout ParsedText
    ) {
        parsed.tallies[column].textCount += 1
        if let seconds = TimeText.seconds(trimmed, isDeclared: false) {
            if parsed.tallies[column].times == nil {
                parsed.tallies[column].times = ColumnProfile.Times(seconds)
            } else {
                parsed.tallies[column].times?.add(seconds)
            }
        }
        if values.isNotFinite(trimmed) { parsed.tallies[column].infiniteCount += 1 }
        if parsed.tallies[column].firstText == nil {
            parsed.tallies[column].firstText = .init(
                line: line + 1, text: String(decoding: text, as: UTF8.self).shortened)
        }
    }

    private func refusal(
        of text: UnsafeBufferPointer<UInt8>, _ trimmed: UnsafeBufferPointer<UInt8>, column: Int, line: Int
    ) -> RowFault {
        let found = String(decoding: text, as: UTF8.self).shortened
        let name = request.columnNames[column]
        let what =
            values.isNotFinite(trimmed)
            ? "'\(found)' is not a finite number"
            : "expected a number, found '\(found)'\(hint(on: trimmed))"
        return RowFault(
            line: line, column: name, reason: what,
            advice: """
                correct it, leave the value empty or write NA if it is missing, or declare the column with `--categorical \
                \(name.shortened(to: 200))`
                """)
    }

    private func hint(on text: UnsafeBufferPointer<UInt8>) -> String {
        guard NumberText.isFigure(text) && text.contains(ASCII.comma) && request.dialect.decimalMark == ASCII.point
        else { return "" }
        return " (decimals are written with a point, and thousands are not grouped; see --decimal)"
    }
}
