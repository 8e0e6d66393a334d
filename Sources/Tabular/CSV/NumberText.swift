internal import CFastFloat

/// What the text of a value means in a dialect: missing, a number, or neither.
///
/// A number is an optional sign, decimal digits with an optional decimal mark, and an optional exponent. Hexadecimal,
/// `inf`, grouped thousands and any other decimal mark are not numbers, and neither is a value beyond the range of
/// `Float`.
struct NumberText: Sendable {
    private let decimalMark: UInt8
    private let missingTexts: [[UInt8]]
    private let longestMissing: Int
    /// By byte: whether a text for a missing value starts so.
    private let startsMissing: [Bool]
    /// Whether a missing value may be written as a number, such as -999.
    private(set) var hasMissingNumbers = false

    init(decimalMark: UInt8 = ASCII.point, missingTexts: [String] = CSVDialect.usualMissingTexts) {
        self.decimalMark = decimalMark
        self.missingTexts = missingTexts.map { Array($0.utf8) }
        longestMissing = self.missingTexts.map(\.count).max() ?? 0
        var starts = [Bool](repeating: false, count: 256)
        for text in self.missingTexts { if let first = text.first { starts[Int(first)] = true } }
        startsMissing = starts
        hasMissingNumbers = self.missingTexts.contains { $0.withUnsafeBufferPointer { double($0) != nil } }
    }

    /// Whether the text, without blanks around it, says that the value is missing: it is empty, or one of the texts that
    /// the dialect has for it.
    @inline(__always)
    func isMissing(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        if text.count > longestMissing { return false }
        if text.isEmpty { return true }
        return startsMissing[Int(text[0])] && missingTexts.contains { $0.elementsEqual(text) }
    }

    /// The nearest `Float`; `nil` when the text is not a finite number.
    @inline(__always)
    func float(_ text: UnsafeBufferPointer<UInt8>) -> Float? {
        if let integer = Self.integer(text) {
            let magnitude = Float(integer.magnitude)
            return integer.isNegative ? -magnitude : magnitude
        }
        guard let first = text.baseAddress else { return nil }
        let characters = UnsafeRawPointer(first).assumingMemoryBound(to: CChar.self)
        var value: Float = 0
        let isNumber = descent_parse_float(characters, characters + text.count, CChar(decimalMark), &value) == 1
        guard isNumber, value.isFinite else { return nil }
        return value
    }

    /// The nearest `Double` and whether the number is written as an integer; `nil` when `float` has no value for it.
    @inline(__always)
    func double(_ text: UnsafeBufferPointer<UInt8>) -> (value: Double, isInteger: Bool)? {
        if let integer = Self.integer(text) {
            let magnitude = Double(integer.magnitude)
            return (integer.isNegative ? -magnitude : magnitude, true)
        }
        guard let first = text.baseAddress else { return nil }
        let characters = UnsafeRawPointer(first).assumingMemoryBound(to: CChar.self)
        var value: Double = 0
        let isNumber = descent_parse_double(characters, characters + text.count, CChar(decimalMark), &value) == 1
        guard isNumber, value.isFinite else { return nil }
        // Near the end of its range only the Float's own rounding tells whether it is finite.
        if value.magnitude > 3.4e38 && float(text) == nil { return nil }
        let isSigned = text[0] == UInt8(ascii: "-") || text[0] == UInt8(ascii: "+")
        return (value, text.dropFirst(isSigned ? 1 : 0).allSatisfy(ASCII.isDigit))
    }

    /// Whether the text is a number that no `Float` holds, or a word for infinity.
    func isNotFinite(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        // Words come by the million; nearly all differ in their first letter.
        guard let first = text.baseAddress, text[0] < UInt8(ascii: "A") || text[0] | 0x20 == UInt8(ascii: "i") else {
            return false
        }
        let characters = UnsafeRawPointer(first).assumingMemoryBound(to: CChar.self)
        var value: Double = 0
        if descent_parse_double(characters, characters + text.count, CChar(decimalMark), &value) == 1 { return true }
        let sign: [UInt8] = [UInt8(ascii: "-"), UInt8(ascii: "+")]
        let word = sign.contains(text[0]) ? text.dropFirst() : text[...]
        return word.count <= 8 && ["inf", "infinity"].contains(String(decoding: word, as: UTF8.self).lowercased())
    }

    /// Whether the text is made of digits and the signs of figures: a date, a decimal comma, grouped thousands.
    static func isFigure(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        text.contains(where: ASCII.isDigit) && text.allSatisfy { ASCII.isDigit($0) || figureSigns.contains($0) }
    }

    private static let figureSigns = Array(" '+,-./:%".utf8)

    /// The text without the blanks that quotes may enclose.
    @inline(__always)
    static func trimmed(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        var start = 0
        var end = text.count
        while start < end && isBlank(text[start]) { start += 1 }
        while end > start && isBlank(text[end - 1]) { end -= 1 }
        return UnsafeBufferPointer(rebasing: text[start..<end])
    }

    @inline(__always)
    private static func isBlank(_ byte: UInt8) -> Bool { byte == ASCII.space || byte == ASCII.tab }

    /// An integer of at most 18 digits, which is exact in 64 bits and so is rounded once. The sign is apart for -0.
    @inline(__always)
    private static func integer(
        _ text: UnsafeBufferPointer<UInt8>
    ) -> (magnitude: UInt64, isNegative: Bool)? {
        guard text.count <= 19, let first = text.first else { return nil }
        let isNegative = first == UInt8(ascii: "-")
        var index = isNegative || first == UInt8(ascii: "+") ? 1 : 0
        guard index < text.count && text.count - index <= 18 else { return nil }
        var magnitude: UInt64 = 0
        while index < text.count {
            let digit = text[index] &- ASCII.zero
            if digit > 9 { return nil }
            magnitude = magnitude &* 10 &+ UInt64(digit)
            index += 1
        }
        return (magnitude, isNegative)
    }
}
