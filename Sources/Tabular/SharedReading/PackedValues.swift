/// Values on their way between ranks that run on machines of one kind, as bytes: they are taken out in the order in which
/// they were put in.
struct PackedValues: Sendable {
    private(set) var bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8] = []) { self.bytes = bytes }

    /// Puts values in, and how many they are.
    mutating func append<Value: BitwiseCopyable>(_ values: [Value]) {
        withUnsafeBytes(of: values.count) { bytes.append(contentsOf: $0) }
        values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ text: String) { append(Array(text.utf8)) }

    /// Takes out the values that were put in together.
    ///
    /// - Precondition: These are what comes next.
    mutating func next<Value: BitwiseCopyable>() -> [Value] {
        let header = MemoryLayout<Int>.size
        precondition(position + header <= bytes.count, "Nothing is left of what was packed")
        let count = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: Int.self) }
        let start = position + header
        let size = count * MemoryLayout<Value>.stride
        precondition(count >= 0 && start + size <= bytes.count, "Other values were packed than are taken out")
        position = start + size
        return Array(unsafeUninitializedCapacity: count) { target, initialized in
            initialized = count
            guard size > 0 else { return }
            bytes.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(target).copyMemory(from: .init(rebasing: $0[start..<position]))
            }
        }
    }

    /// Takes out a text.
    mutating func nextText() -> String { String(decoding: next() as [UInt8], as: UTF8.self) }
}
