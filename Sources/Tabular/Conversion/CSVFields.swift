internal import CFastFloat

/// The bytes of CSV records, as RFC 4180 writes them: fields between commas, quoted where they must be, lines ended by a
/// line feed.
public struct CSVFields: Sendable {
    public private(set) var bytes: [UInt8] = []
    private var isAtStart = true

    public init() {}

    /// Starts again, and keeps the memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        isAtStart = true
    }

    /// Adds a field of text.
    public mutating func append(_ text: String) {
        separate()
        bytes += Self.quoted(text)
    }

    /// Adds a field as it stands.
    public mutating func append(written field: [UInt8]) {
        separate()
        bytes += field
    }

    /// Adds a number as the shortest decimal that reads back as the same `Float`.
    public mutating func append(_ number: Float) {
        separate()
        append { Int(descent_write_float(number, $0)) }
    }

    /// Adds a number as the shortest decimal that reads back as the same `Double`.
    public mutating func append(_ number: Double) {
        separate()
        append { Int(descent_write_double(number, $0)) }
    }

    /// Adds a whole number.
    public mutating func append(_ number: Int) {
        separate()
        var magnitude = number.magnitude
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        let first = bytes.count
        repeat {
            bytes.append(ASCII.zero + UInt8(truncatingIfNeeded: magnitude % 10))
            magnitude /= 10
        } while magnitude > 0
        bytes[first...].reverse()
    }

    /// Ends the line.
    public mutating func endRecord() {
        bytes.append(ASCII.lineFeed)
        isAtStart = true
    }

    /// A field as it stands in the file: in quotes where it holds a separator, a quote, a line end, or blanks that would be
    /// trimmed.
    public static func quoted(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        let isBlank: (UInt8?) -> Bool = { $0 == ASCII.space || $0 == ASCII.tab }
        let special: [UInt8] = [ASCII.comma, ASCII.quote, ASCII.lineFeed, ASCII.carriageReturn]
        guard bytes.contains(where: special.contains) || isBlank(bytes.first) || isBlank(bytes.last) else {
            return bytes
        }
        return [ASCII.quote] + bytes.flatMap { $0 == ASCII.quote ? [$0, $0] : [$0] } + [ASCII.quote]
    }

    private mutating func separate() {
        if !isAtStart { bytes.append(ASCII.comma) }
        isAtStart = false
    }

    private mutating func append(_ write: (UnsafeMutablePointer<CChar>) -> Int) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(DESCENT_NUMBER_BYTES)) { text in
            guard let base = text.baseAddress else { return }
            let count = write(base)
            bytes.append(contentsOf: UnsafeRawBufferPointer(start: base, count: count))
        }
    }
}
