/// The bytes with a meaning in CSV.
enum ASCII {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote: UInt8 = 0x22
    static let apostrophe: UInt8 = 0x27
    static let comma: UInt8 = 0x2C
    static let point: UInt8 = 0x2E
    static let zero: UInt8 = 0x30
    static let semicolon: UInt8 = 0x3B
    static let bar: UInt8 = 0x7C

    static func isDigit(_ byte: UInt8) -> Bool { byte &- zero < 10 }
}

/// Finds the bytes that end or trouble a field, eight at a time.
///
/// A byte-wise loop with five comparisons spends more on finding the end of a number than on parsing it.
enum ByteScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Eight copies of `byte`, as `next` wants it.
    @inline(__always)
    static func repeated(_ byte: UInt8) -> UInt64 { ones &* UInt64(byte) }

    /// The first index from `start` on that holds the byte of `pattern`, a control character or a byte from 0x80 on.
    ///
    /// The subtraction trick (Mycroft 1987) may mark bytes above a hit by mistake, never below one: the lowest is real.
    ///
    /// - Precondition: Such a byte exists, and seven readable bytes follow it.
    @inline(__always)
    static func next(_ pattern: UInt64, in bytes: UnsafePointer<UInt8>, from start: Int) -> Int {
        let memory = UnsafeRawPointer(bytes)
        var index = start
        while true {
            let word = UInt64(littleEndian: memory.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let matches = word ^ pattern
            let controls = (word &- ones &* 0x20) & ~word
            let hits = (((matches &- ones) & ~matches) | controls | word) & highBits
            if hits != 0 { return index + hits.trailingZeroBitCount / 8 }
            index += 8
        }
    }
}
