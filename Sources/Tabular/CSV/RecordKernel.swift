internal import CKernels

/// The compiled loop that reads plain records: fields without quotes within quotes, in ASCII.
///
/// It reads numbers in place, and lists the fields that are none or whose text is wanted.
struct RecordKernel: ~Copyable {
    /// Line feeds that must follow a text.
    static let padding = Int(DESCENT_TEXT_PADDING)

    /// The line ends among bytes: no fewer than the records, less one.
    static func lineEndCount(_ bytes: UnsafePointer<UInt8>, count: Int) -> Int {
        Int(descent_count_line_ends(bytes, UInt32(count)))
    }

    enum Outcome {
        /// The text is finished.
        case end
        /// The list of fields is full.
        case full
        /// The record at `position` is not plain.
        case other
    }

    /// A field that the kernel leaves to its caller.
    struct Field {
        let row: Int
        let column: Int
        let text: UnsafeBufferPointer<UInt8>
        /// Line ends before the field.
        let line: Int
        let isQuoted: Bool
        /// Whether the field is a number, which is stored.
        let isNumber: Bool
        let isInteger: Bool
    }

    private var state: descent_records
    private let columns: UnsafeMutablePointer<descent_column>
    private let fields: UnsafeMutablePointer<descent_field>
    private let moments: MomentSums?

    /// - Parameters:
    ///   - slots: For every column, where in a row its number goes; `nil`: it is not wanted.
    ///   - width: The numbers in a row.
    init(_ dialect: CSVDialect, slots: [Int?], width: Int, takesMoments: Bool) {
        let fieldLimit = max(slots.count, 4_096)
        columns = .allocate(capacity: max(1, slots.count))
        fields = .allocate(capacity: fieldLimit)
        moments = takesMoments ? MomentSums(width: width) : nil
        state = descent_records()
        for (column, slot) in slots.enumerated() {
            columns[column] = descent_column(slot: Int32(slot ?? -1), wants_text: 0)
        }
        state.columns = UnsafePointer(columns)
        state.column_count = UInt32(slots.count)
        state.width = UInt32(width)
        state.separator = dialect.separator
        state.quote = dialect.quote
        state.decimal = dialect.decimalMark
        state.comment = dialect.comment ?? 0
        state.fields = fields
        state.field_limit = UInt32(fieldLimit)
        state.moments = moments.map { UnsafePointer($0.pointers) }
    }

    deinit {
        columns.deallocate()
        fields.deallocate()
    }

    /// Says whether the text of a column is wanted, also where it is a number.
    mutating func setWantsText(_ wantsText: Bool, of column: Int) { columns[column].wants_text = wantsText ? 1 : 0 }

    /// Starts on a text, which `padding` line feeds follow.
    mutating func start(_ bytes: UnsafePointer<UInt8>, count: Int) {
        state.bytes = bytes
        state.count = UInt32(count)
        state.position = 0
        state.line = 0
        state.row = 0
        moments?.clear()
    }

    /// Where the next record starts, the line ends before it, and the rows so far.
    var position: Int { Int(state.position) }
    var line: Int { Int(state.line) }
    var row: Int { Int(state.row) }

    /// Steps over a record that was read in another way.
    mutating func skip(to position: Int, line: Int, isRow: Bool) {
        state.position = UInt32(position)
        state.line = UInt32(line)
        state.row += isRow ? 1 : 0
    }

    /// Reads on, into `numbers`, which have room for `rowLimit` rows from the start of the text on.
    mutating func read(into numbers: UnsafeMutablePointer<Float>, rowLimit: Int) -> Outcome {
        state.numbers = numbers
        state.row_limit = UInt32(rowLimit)
        state.field_count = 0
        switch Int(descent_read_records(&state)) {
        case DESCENT_RECORDS_END: return .end
        case DESCENT_RECORDS_FULL: return .full
        default: return .other
        }
    }

    /// The fields listed since the last call of `read`.
    var fieldCount: Int { Int(state.field_count) }

    @inline(__always)
    func field(_ index: Int) -> Field {
        let field = fields[index]
        return Field(
            row: Int(field.row), column: Int(field.column),
            text: UnsafeBufferPointer(start: state.bytes + Int(field.start), count: Int(field.length)),
            line: Int(field.line), isQuoted: field.flags & UInt32(DESCENT_FIELD_QUOTED) != 0,
            isNumber: field.flags & UInt32(DESCENT_FIELD_NUMBER) != 0,
            isInteger: field.flags & UInt32(DESCENT_FIELD_INTEGER) != 0)
    }

    /// What was summed over a slot of the text so far.
    func moments(ofSlot slot: Int) -> NumberMoments { moments?[slot] ?? NumberMoments() }
}

/// The arrays in which the kernel sums, one element for each slot.
private final class MomentSums {
    let pointers: UnsafeMutablePointer<descent_moments>
    private let width: Int
    private let doubles: UnsafeMutablePointer<Double>
    private let counts: UnsafeMutablePointer<UInt32>

    init(width: Int) {
        self.width = width
        doubles = .allocate(capacity: max(1, 6 * width))
        counts = .allocate(capacity: max(1, 3 * width))
        pointers = .allocate(capacity: 1)
        pointers.initialize(
            to: descent_moments(
                pivots: doubles, sums: doubles + width, squares: doubles + 2 * width, minima: doubles + 3 * width,
                maxima: doubles + 4 * width, numbers: counts, integers: counts + width, row: doubles + 5 * width,
                row_integers: counts + 2 * width))
    }

    deinit {
        doubles.deallocate()
        counts.deallocate()
        pointers.deallocate()
    }

    func clear() {
        doubles.update(repeating: .nan, count: width)
        (doubles + width).update(repeating: 0, count: 2 * width)
        (doubles + 3 * width).update(repeating: .infinity, count: width)
        (doubles + 4 * width).update(repeating: -.infinity, count: width)
        counts.update(repeating: 0, count: 3 * width)
    }

    subscript(slot: Int) -> NumberMoments {
        let sums = pointers.pointee
        return NumberMoments(
            count: Int(sums.numbers[slot]), integerCount: Int(sums.integers[slot]), pivot: sums.pivots[slot],
            sum: sums.sums[slot], squares: sums.squares[slot], smallest: sums.minima[slot],
            largest: sums.maxima[slot])
    }
}
