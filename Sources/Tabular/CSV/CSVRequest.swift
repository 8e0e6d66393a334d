/// What is wanted of a pass over a table: shared by all who parse its texts.
struct CSVRequest: Sendable {
    /// What becomes of a value that is not a number, in a column of numbers.
    enum Purpose {
        /// It is an error.
        case read
        /// It is counted, and so is everything else.
        case profile
    }

    /// A column whose texts become codes.
    struct Text: Sendable {
        let column: Int
        /// The levels given; any other text then has no code.
        let given: GivenLevels?
        /// Whether any other text breaks the column's type.
        var isStrict = false
    }

    let purpose: Purpose
    let name: String
    let columnNames: [String]
    let dialect: CSVDialect
    /// The line of the record that says how many fields a record has.
    let firstLine: Int
    /// The columns whose numbers are delivered, in the order of a row.
    let numbers: [Int]
    let texts: [Text]
    /// The columns whose numbers are delivered at double precision.
    let exact: [Int]
    /// The columns whose texts are dates and times.
    var times: [Int] = []
    /// Whether rows that cannot be taken are put aside; they are errors otherwise.
    var rejectsRows = false

    /// For every column, where its number stands in a row; the last place, where there are several.
    var slots: [Int?] {
        var slots = [Int?](repeating: nil, count: columnNames.count)
        for (slot, column) in numbers.enumerated() { slots[column] = slot }
        return slots
    }
}

/// The codes of levels that are known before reading.
struct GivenLevels: Sendable {
    private var table = LevelTable()
    /// The position among the levels given of each level in the table, which differ where a level is given twice.
    private var positions: [Int32] = []

    init(_ levels: [String]) {
        for (position, level) in levels.enumerated() {
            var text = level
            if text.withUTF8({ table.add($0).isNew }) { positions.append(Int32(position)) }
        }
    }

    func code(of text: UnsafeBufferPointer<UInt8>) -> Int32 {
        table.code(of: text).map { positions[Int($0)] } ?? RowChunk.unseen
    }
}
