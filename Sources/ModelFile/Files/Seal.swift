/// The checksum that a model file carries after its end.
///
/// libhdf5 asks that a file holds what its superblock says, and minds no bytes after that. There stand, in 64 bytes:
/// 16 of text, the length of the image in 8 (little-endian), its SHA-256 in 32, and 8 zeros. So bytes are checked before
/// the library, which may crash over damaged ones, sees any of them; and the file begins as every HDF5 file does.
enum Seal {
    static let size = 64
    private static let mark = Array("descent sha-256\n".utf8)

    /// The length of the image within the bytes of a file, and whether its seal vouches for it. Files of other programs
    /// have none.
    ///
    /// - Throws: `ModelError` when the bytes are not those that were sealed, or are cut off.
    static func verify(_ bytes: [UInt8]) throws(ModelError) -> (count: Int, isSealed: Bool) {
        let count = bytes.count - size
        let end = endOfImage(bytes)
        if let end, end > bytes.count {
            throw ModelError("is cut off: \(bytes.count) bytes of \(end) are there; copy it again")
        }
        guard isPresent(head: bytes, tail: bytes[max(0, count)...], fileSize: bytes.count) else {
            return (bytes.count, false)
        }
        let expected = try bytes[..<count].withUnsafeBufferPointer { (image) throws(ModelError) in
            try seal(of: UnsafeRawBufferPointer(image))
        }
        guard bytes[count...].elementsEqual(expected) else {
            throw ModelError("is damaged: its checksum does not match its content; use another copy")
        }
        return (count, true)
    }

    /// Bytes at the start of a file that tell where its image ends.
    static let headSize = 48

    /// Whether a file carries a seal, right or wrong. Either sign is enough, so that damage to one does not pass a file off
    /// as another program's.
    static func isPresent(head: [UInt8], tail: some Collection<UInt8>, fileSize: Int) -> Bool {
        fileSize >= size && (tail.starts(with: mark) || endOfImage(head) == fileSize - size)
    }

    /// The seal of an image.
    static func seal(of image: UnsafeRawBufferPointer) throws(ModelError) -> [UInt8] {
        let digest = try SHA256.digest(image)
        let length = (0..<8).map { UInt8(truncatingIfNeeded: image.count >> (8 * $0)) }
        return mark + length + digest + [UInt8](repeating: 0, count: size - mark.count - length.count - digest.count)
    }

    /// Where the superblock of the oldest format, which model files have, says that the file ends.
    private static func endOfImage(_ bytes: [UInt8]) -> Int? {
        let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
        guard bytes.count >= headSize, bytes.starts(with: signature), bytes[8] == 0, bytes[13] == 8 else { return nil }
        return Int(exactly: bytes[40..<48].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
}
