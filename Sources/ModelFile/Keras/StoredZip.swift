/// A zip archive whose members are stored, not compressed: what Keras writes.
///
/// The members are what the central directory at the end says, and each is checked against its CRC-32. Everything that
/// such a file does not need is refused: compression, encryption, several volumes, sizes beyond 4 GB, members that share
/// bytes. Nothing is unpacked, and a name is only ever compared, so it cannot lead anywhere.
struct StoredZip {
    /// The bytes of each member.
    private(set) var members: [(name: String, bytes: ArraySlice<UInt8>)] = []

    /// The bytes that a member starts with.
    static let signature: [UInt8] = [0x50, 0x4B, 0x03, 0x04]

    private static let directorySignature: UInt32 = 0x0201_4B50
    private static let endSignature: UInt32 = 0x0605_4B50
    /// Keras writes three, and one for each asset.
    private static let memberLimit = 1000

    init() {}

    // MARK: Reading

    /// - Throws: `ModelError` for everything that is not a sound archive of stored members.
    init(_ bytes: [UInt8]) throws(ModelError) {
        let reader = Reader(bytes: bytes)
        // The end record is 22 bytes, and a comment of up to 65535 may follow it.
        let lowest = max(0, bytes.count - 22 - 65535)
        guard bytes.count >= 22,
            let end = (lowest...bytes.count - 22).last(where: { reader.word($0) == Self.endSignature })
        else { throw ModelError("is no sound zip archive: its directory is missing; the file may be cut off") }
        let count = Int(reader.half(end + 10))
        var position = Int(reader.word(end + 16))
        guard reader.word(end + 16) != UInt32.max, count != UInt16.max else { throw Self.tooLarge }
        guard reader.half(end + 4) == 0, reader.half(end + 6) == 0, Int(reader.half(end + 8)) == count,
            count <= Self.memberLimit, position <= end
        else { throw ModelError("is a zip archive of several volumes, of too many members, or damaged") }
        var total = 0
        for _ in 0..<count {
            guard position + 46 <= end, reader.word(position) == Self.directorySignature else {
                throw Self.damaged
            }
            let nameEnd = position + 46 + Int(reader.half(position + 28))
            guard nameEnd <= end else { throw Self.damaged }
            let name = String(decoding: bytes[position + 46..<nameEnd], as: UTF8.self)
            let size = Int(reader.word(position + 24))
            guard size != UInt32.max else { throw Self.tooLarge }
            guard reader.half(position + 8) & 1 == 0 else { throw ModelError("holds '\(name)' encrypted") }
            guard reader.half(position + 10) == 0, reader.word(position + 20) == reader.word(position + 24) else {
                throw ModelError("holds '\(name)' compressed; Keras stores its members as they are")
            }
            let header = Int(reader.word(position + 42))
            guard header + 30 <= end, bytes[header..<header + 4].elementsEqual(Self.signature) else {
                throw Self.damaged
            }
            let start = header + 30 + Int(reader.half(header + 26)) + Int(reader.half(header + 28))
            // Members that share bytes would make a small file a long one.
            total += size
            guard start <= end, size <= end - start, total <= end else { throw Self.damaged }
            let content = bytes[start..<start + size]
            guard crc32(content) == reader.word(position + 16) else {
                throw ModelError("is damaged: the checksum of '\(name)' does not fit its bytes")
            }
            guard !members.contains(where: { $0.name == name }) else {
                throw ModelError("holds two members called '\(name)'")
            }
            members.append((name, content))
            position = nameEnd + Int(reader.half(position + 30)) + Int(reader.half(position + 32))
        }
    }

    private static var tooLarge: ModelError {
        ModelError("is a zip archive in the form for more than 4 GB, which is not read; save the model as .h5")
    }

    private static var damaged: ModelError { ModelError("is a damaged zip archive: its directory does not fit it") }

    /// The bytes of a member; `nil` where there is none of that name.
    subscript(name: String) -> ArraySlice<UInt8>? { members.first { $0.name == name }?.bytes }

    /// Little-endian numbers at a place that is known to be inside.
    private struct Reader {
        let bytes: [UInt8]

        func half(_ position: Int) -> UInt16 { UInt16(bytes[position]) | UInt16(bytes[position + 1]) << 8 }

        func word(_ position: Int) -> UInt32 { UInt32(half(position)) | UInt32(half(position + 2)) << 16 }
    }

    // MARK: Writing

    mutating func add(_ name: String, _ bytes: [UInt8]) {
        members.append((name, bytes[...]))
    }

    /// The archive: a function of its members alone, without times.
    ///
    /// - Throws: `ModelError` when it would exceed 4 GB.
    func image() throws(ModelError) -> [UInt8] {
        var image: [UInt8] = []
        var directory: [UInt8] = []
        for member in members {
            let name = Array(member.name.utf8)
            let offset = image.count
            guard offset + member.bytes.count < Int(UInt32.max) - 1 << 20 else {
                throw ModelError(.inputOutput, "the model is too large for a zip archive of up to 4 GB; write .h5")
            }
            // Version, flags, method, then time and date of 1980-01-01, the first that a zip archive can say.
            var common: [UInt8] = []
            for half in [20, 0, 0, 0, 0x21] as [UInt16] { common.append(half) }
            common.append(crc32(member.bytes))
            common.append(UInt32(member.bytes.count))
            common.append(UInt32(member.bytes.count))
            common.append(UInt16(name.count))
            common.append(UInt16(0))
            image += Self.signature + common + name + member.bytes
            directory.append(Self.directorySignature)
            directory.append(UInt16(20))
            directory += common
            // No comment, volume 0, no attributes inside, outside those of a file that its owner may write.
            for half in [0, 0, 0] as [UInt16] { directory.append(half) }
            directory.append(UInt32(0o600) << 16)
            directory.append(UInt32(offset))
            directory += name
        }
        let start = image.count
        image += directory
        image.append(Self.endSignature)
        for half in [0, 0, UInt16(members.count), UInt16(members.count)] as [UInt16] { image.append(half) }
        image.append(UInt32(directory.count))
        image.append(UInt32(start))
        image.append(UInt16(0))
        return image
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ half: UInt16) {
        self += [UInt8(truncatingIfNeeded: half), UInt8(truncatingIfNeeded: half >> 8)]
    }

    fileprivate mutating func append(_ word: UInt32) {
        append(UInt16(truncatingIfNeeded: word))
        append(UInt16(truncatingIfNeeded: word >> 16))
    }
}

/// The checksum of zip archives: the remainder by x³² + x²⁶ + … + 1, bits reversed.
private func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    let table = (0..<256).map { (byte: UInt32) in
        (0..<8).reduce(byte) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }
    return table.withUnsafeBufferPointer { table in
        bytes.withUnsafeBufferPointer { bytes in
            var remainder: UInt32 = 0xFFFF_FFFF
            for byte in bytes { remainder = table[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)] ^ remainder >> 8 }
            return ~remainder
        }
    }
}
