/// The checksum that HDF5's filter Fletcher-32 appends to a chunk (Fletcher 1982, over big-endian 16-bit words).
enum Fletcher32 {
    /// The bytes of the checksum.
    static let byteCount = 4
    /// The words that can be summed before the sums of 32 bits could overflow.
    private static let wordsPerBlock = 360

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var first: UInt32 = 0
        var second: UInt32 = 0
        let wordCount = bytes.count / 2
        for start in stride(from: 0, to: wordCount, by: wordsPerBlock) {
            for word in start..<min(start + wordsPerBlock, wordCount) {
                first &+= UInt32(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: word * 2, as: UInt16.self)))
                second &+= first
            }
            first = fold(first)
            second = fold(second)
        }
        if bytes.count % 2 == 1, let last = bytes.last {
            first = fold(first &+ UInt32(last) << 8)
            second = fold(second &+ first)
        }
        return fold(second) << 16 | fold(first)
    }

    /// Whether the last four bytes are the checksum of those before.
    static func verifies(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let content = UnsafeRawBufferPointer(rebasing: bytes.dropLast(byteCount))
        let stored = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: content.count, as: UInt32.self))
        let computed = checksum(content)
        // Before HDF5 1.6.3 the two bytes of each half were stored in the machine's order.
        let swapped = (computed & 0x00FF_00FF) << 8 | (computed >> 8) & 0x00FF_00FF
        return stored == computed || stored == swapped
    }

    private static func fold(_ sum: UInt32) -> UInt32 {
        (sum & 0xFFFF) &+ (sum >> 16)
    }
}
