/// What a worker made of one text. Lines and codes count from the start of the text.
struct ParsedText: Sendable {
    let index: Int
    var rowCount = 0
    /// The line ends in the text.
    var lineCount = 0
    /// Rows x numbers of the request; NaN where the value is missing, or, in a profile, no number.
    var numbers: [Float] = []
    /// For each text of the request.
    var texts: [TextColumn] = []
    /// Rows x exact numbers of the request; NaN where the value is missing.
    var doubles: [Double] = []
    /// Rows x times of the request, in seconds since 1970; NaN where the value is missing.
    var times: [Double] = []
    /// Rows that are put aside, ascending.
    var rejected: [RejectedRow] = []
    /// For each column, in a profile.
    var tallies: [ColumnTally] = []
    /// What ended the parsing.
    var failure: TableError?

    init(index: Int) { self.index = index }
}

/// The codes of one column in one text.
struct TextColumn: Sendable {
    /// A code for each row; empty where nobody wants them.
    var codes: [Int32] = []
    /// The levels as they first appear; `nil` where they were given, or are too many.
    var levels: LevelTable?
    /// By code: whether a level is a number with a fraction or an exponent.
    var isFraction: [Bool] = []
    /// How many are.
    var fractionCount = 0
    /// Whether levels are given up when there are too many.
    var isLimited = false

    mutating func add(_ text: UnsafeBufferPointer<UInt8>, isFraction: Bool) -> Int32 {
        guard let (code, isNew) = levels?.add(text) else { return RowChunk.missing }
        if isNew {
            self.isFraction.append(isFraction)
            if isFraction { fractionCount += 1 }
            if isLimited && ColumnAccumulator.isBeyondLimit(levels: self.isFraction.count, fractions: fractionCount) {
                levels = nil
            }
        }
        return code
    }
}

/// What the rows of one text hold in one column.
struct ColumnTally: Sendable {
    var moments = NumberMoments()
    var textCount = 0
    var infiniteCount = 0
    var firstText: ColumnProfile.Oddity?
    var times: ColumnProfile.Times?
}
