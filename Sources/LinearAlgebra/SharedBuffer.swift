#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Memory that several workers read and write at once, which the compiler cannot check.
///
/// The discipline. A buffer is allocated once, zeroed, aligned to a cache line and never resized. Workers write
/// disjoint ranges within a phase, and read what others wrote only after the barrier that ends the phase: the return
/// of `concurrentPerform`, or the acquiring load of the counter of finished work in `PhasedLoop`. In a training step
/// these are: (1) a shard's item writes that shard's activations, gradients and losses, and reads the parameters;
/// (2) a slice's item reads every shard's gradients and writes that slice of the sum, the parameters and the moments.
/// Where a step has several ranks, what others send is written between two phases, in a phase of its own.
/// Outside a loop the thread that owns the trainer touches the memory alone.
public final class SharedBuffer<Element: BitwiseCopyable & ExpressibleByIntegerLiteral>: @unchecked Sendable {
    /// Rows and slices start on a cache line, which is also the widest vector register.
    public static var alignment: Int { 64 }
    /// Large buffers ask for pages of this size: what reads them from another process, as ranks on one machine do, goes
    /// page by page.
    private static var hugePage: Int { 2 << 20 }

    /// The number of elements.
    public let count: Int
    package let base: UnsafeMutablePointer<Element>

    /// `count` zeros.
    ///
    /// - Precondition: `count` is not negative.
    public init(count: Int) {
        precondition(count >= 0, "A buffer cannot hold \(count) elements")
        self.count = count
        let bytes = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
        precondition(!bytes.overflow, "A buffer of \(count) elements exceeds the address space")
        let isLarge = bytes.partialValue >= 4 * Self.hugePage
        let raw = UnsafeMutableRawPointer.allocate(
            byteCount: max(bytes.partialValue, Self.alignment), alignment: isLarge ? Self.hugePage : Self.alignment)
        #if os(Linux)
            // Where there are none, the buffer has ordinary pages.
            if isLarge { _ = madvise(raw, bytes.partialValue, MADV_HUGEPAGE) }
        #endif
        // Zero bits are 0 in every type of number; going by bytes spares a call per element of a generic type.
        raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes.partialValue)
        base = raw.bindMemory(to: Element.self, capacity: max(count, 1))
    }

    /// A copy of `elements`.
    public convenience init(_ elements: [Element]) {
        self.init(count: elements.count)
        elements.withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress else { return }
            UnsafeMutableRawPointer(base).copyMemory(from: source, byteCount: bytes.count)
        }
    }

    deinit {
        UnsafeMutableRawPointer(base).deallocate()
    }

    /// The element at `index`.
    ///
    /// - Precondition: `index` is within bounds.
    public subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count, "Index \(index) is outside a buffer of \(count)")
            return base[index]
        }
        set {
            precondition(index >= 0 && index < count, "Index \(index) is outside a buffer of \(count)")
            base[index] = newValue
        }
    }

    /// The elements as an array of their own.
    public var elements: [Element] {
        Array(unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = count
            guard let target = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
            target.copyMemory(from: base, byteCount: count * MemoryLayout<Element>.stride)
        }
    }

    /// A buffer of the same elements.
    public func copy() -> SharedBuffer<Element> {
        let copy = SharedBuffer(count: count)
        copy.copy(from: self)
        return copy
    }

    /// Overwrites the elements with those of a buffer of the same size.
    public func copy(from other: SharedBuffer<Element>) {
        precondition(other.count == count, "A buffer of \(other.count) does not fit one of \(count)")
        base.update(from: other.base, count: count)
    }
}

/// A buffer as bytes, whatever its elements: what is sent to another process.
package protocol SharedBytes: Sendable {
    var bytes: UnsafeMutableRawPointer { get }
}

extension SharedBuffer: SharedBytes {
    package var bytes: UnsafeMutableRawPointer { UnsafeMutableRawPointer(base) }
}
