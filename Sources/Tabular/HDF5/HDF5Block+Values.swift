internal import HDF5

/// Reading the values of a block, with what is missing told apart.
extension HDF5Block {
    /// Reads rows as numbers, NaN where one is missing.
    ///
    /// - Returns: Whether any value is missing.
    /// - Throws: `TableError` for a value that is not finite as a `Float`.
    func readNumbers(
        _ rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>, file: String
    ) throws(TableError) -> Bool {
        do {
            try dataset.readRows(rows, into: buffer)
        } catch {
            throw TableError(error, file: file, dataset: dataset.path)
        }
        if let fillValue {
            let fill = Float(fillValue)
            for index in buffer.indices where buffer[index] == fill { buffer[index] = .nan }
        } else if content != .float {
            return false
        }
        var isMissing = false
        var isInfinite = false
        for value in buffer {
            // Without branches, so that it runs several values at a time.
            isMissing = isMissing || value != value
            isInfinite = isInfinite || value.magnitude == .infinity
        }
        if isInfinite, let index = buffer.firstIndex(where: { $0.magnitude == .infinity }) {
            throw infinity(at: rows.lowerBound + index / width)
        }
        return isMissing

        func infinity(at row: Int) -> TableError {
            TableError(
                .badData, file: file, column: dataset.path,
                "row \(row) (from 0) holds a number that is infinite or beyond the range of a 32-bit float: "
                    + "correct it, or store NaN if it is missing")
        }
    }

    /// Reads rows as numbers of full precision, `nil` where one is missing.
    func readExact(_ rows: Range<Int>, file: String) throws(TableError) -> [HDF5Number?] {
        do {
            switch content {
            case .integer(isUnsigned64: true):
                return try dataset.readRows(rows, as: UInt64.self).map { isFill(Double($0)) ? nil : .unsigned($0) }
            case .integer, .named:
                return try dataset.readRows(rows, as: Int64.self).map { isFill(Double($0)) ? nil : .signed($0) }
            case .float, .string:
                return try dataset.readRows(rows, as: Double.self).map { value in
                    // Both zeros are one level.
                    value.isNaN || isFill(value) ? nil : .float(value == 0 ? 0 : value)
                }
            }
        } catch {
            throw TableError(error, file: file, dataset: dataset.path)
        }
    }

    /// Reads rows as texts, `nil` where one is missing: empty, or a word for it as in a CSV table.
    func readTexts(_ rows: Range<Int>, file: String) throws(TableError) -> [String?] {
        let values = NumberText()
        do {
            return try dataset.readStrings(rows: rows).map { text in
                var text = text
                return text.withUTF8 { values.isMissing(NumberText.trimmed($0)) } ? nil : text
            }
        } catch {
            throw TableError(error, file: file, dataset: dataset.path)
        }
    }

    private func isFill(_ value: Double) -> Bool {
        fillValue.map { $0 == value || Float($0) == Float(value) } ?? false
    }
}
