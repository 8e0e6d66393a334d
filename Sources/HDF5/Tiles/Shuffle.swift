/// HDF5's filter shuffle: bytes of equal significance stand together, those that fill no element at the end.
enum Shuffle {
    /// Puts the bytes back in the order of the elements.
    ///
    /// - Precondition: `target` is as long as `source`, and does not overlap it.
    static func undo(
        _ source: UnsafeRawBufferPointer, elementBytes: Int, into target: UnsafeMutableRawBufferPointer
    ) {
        precondition(source.count == target.count, "\(source.count) bytes do not fill \(target.count)")
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        let count = elementBytes > 1 ? source.count / elementBytes : 0
        guard count > 0 else { return to.copyMemory(from: from, byteCount: source.count) }
        switch elementBytes {
        case 2: words(from, to, count) { UInt16(byte(from, $0)) | UInt16(byte(from + count, $0)) << 8 }
        case 4:
            words(from, to, count) { index in
                let low = UInt32(byte(from, index)) | UInt32(byte(from + count, index)) << 8
                let high = UInt32(byte(from + 2 * count, index)) | UInt32(byte(from + 3 * count, index)) << 8
                return low | high << 16
            }
        case 8:
            words(from, to, count) { index in
                var word: UInt64 = 0
                for position in 0..<8 { word |= UInt64(byte(from + position * count, index)) << (8 * position) }
                return word
            }
        default:
            for position in 0..<elementBytes {
                let plane = from + position * count
                for index in 0..<count {
                    to.storeBytes(
                        of: byte(plane, index), toByteOffset: index * elementBytes + position, as: UInt8.self)
                }
            }
        }
        let done = count * elementBytes
        (to + done).copyMemory(from: from + done, byteCount: source.count - done)
    }

    @inline(__always)
    private static func byte(_ plane: UnsafeRawPointer, _ index: Int) -> UInt8 {
        plane.load(fromByteOffset: index, as: UInt8.self)
    }

    @inline(__always)
    private static func words<Word: FixedWidthInteger & BitwiseCopyable>(
        _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ count: Int, _ word: (Int) -> Word
    ) {
        for index in 0..<count {
            target.storeBytes(
                of: word(index).littleEndian, toByteOffset: index * MemoryLayout<Word>.size, as: Word.self)
        }
    }
}
