internal import HDF5

/// Turns the values of one dataset column into level codes.
struct HDF5Levels {
    /// The levels so far, whose positions are the codes.
    private(set) var levels: [String]
    /// Whether values get codes as they appear.
    let isOpen: Bool
    private var codes: [String: Int32] = [:]
    /// The codes of numbers met before, so that each is put into words once.
    private var numberCodes: [HDF5Number: Int32] = [:]
    /// Numbers whose texts are remembered; beyond it, remembering costs more than it saves.
    private static let numberLimit = ColumnProfile.levelLimit

    /// With `given` levels, any other value is unseen; without, each value gets a code as it first appears.
    init(given: [String]?) {
        levels = given ?? []
        isOpen = given == nil
        for (code, level) in levels.enumerated() where codes[level] == nil { codes[level] = Int32(code) }
    }

    mutating func code(of text: String) -> Int32 {
        if let code = codes[text] { return code }
        guard isOpen else { return RowChunk.unseen }
        let code = Int32(levels.count)
        codes[text] = code
        levels.append(text)
        return code
    }

    mutating func code(of number: HDF5Number, _ content: HDF5Block.Content) -> Int32 {
        if let code = numberCodes[number] { return code }
        let code = code(of: number.level(content))
        if numberCodes.count < Self.numberLimit { numberCodes[number] = code }
        return code
    }
}

extension HDF5Number {
    /// The text that stands for it as a level: its name where it has one, decimal digits for a whole number, and the
    /// shortest text that reads back as the same number for any other.
    func level(_ content: HDF5Block.Content) -> String {
        switch self {
        case .signed(let value): name(value, content) ?? String(value)
        case .unsigned(let value): Int64(exactly: value).flatMap { name($0, content) } ?? String(value)
        case .float(let value): Self.level(value)
        }
    }

    private func name(_ value: Int64, _ content: HDF5Block.Content) -> String? {
        if case .named(let names) = content { names[value] } else { nil }
    }

    private static func level(_ value: Double) -> String {
        // Labels are often stored as floats; class 7 is "7" then too, and both zeros are one level. Beyond 2^53 doubles
        // are all whole.
        if value.magnitude < 0x1p53 && value == value.rounded(.towardZero) { return String(Int64(value)) }
        // What was stored as Float reads back from the Float's shortest text.
        let narrow = Float(value)
        return Double(narrow) == value ? narrow.description : value.description
    }
}
