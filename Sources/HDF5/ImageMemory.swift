internal import CHDF5

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The memory in which a file is put together, and the next one after it.
///
/// A checkpoint of a large network is made beside training, again and again. Fresh memory is cleared by the system, page
/// by page, before it can be written, and moved as the file grows; that takes longer than writing it. This stays, in pages
/// of 2 MiB where the system has them, and begins at a page, so that its bytes can go to disk from where they lie.
///
/// The compiler does not see what guards it: the library asks for memory within its calls alone, and `Operation` lets one
/// thread at a time call it.
public final class ImageMemory: @unchecked Sendable {
    private static let largePage = 2 << 20
    private static let page = 4096

    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    /// The bytes that a file has at present.
    private var size = 0
    private var isLent = false

    /// - Parameter bytes: The size that a file is expected to have; what is larger is moved as it grows.
    public init(expecting bytes: Int = 0) {
        // Without memory now, the library is told when it asks for some.
        _ = grow(to: bytes)
    }

    deinit {
        free(base)
    }

    /// Has a new file in memory live here, in place of the memory that the library would take for it.
    ///
    /// - Precondition: No other file lives here.
    func provide(for access: Handle, _ operation: Operation) throws(HDF5Error) {
        var callbacks = H5FD_file_image_callbacks_t()
        callbacks.image_realloc = { start, size, _, context in
            context.flatMap { Unmanaged<ImageMemory>.fromOpaque($0).takeUnretainedValue().resize(start, to: size) }
        }
        callbacks.image_free = { _, _, context in
            guard let context else { return -1 }
            Unmanaged<ImageMemory>.fromOpaque(context).takeUnretainedValue().takeBack()
            return 0
        }
        // Every copy of the properties keeps the memory alive, but the open file does not: its handle has to.
        callbacks.udata_copy = { context in
            context.map { Unmanaged<ImageMemory>.fromOpaque($0).retain().toOpaque() }
        }
        callbacks.udata_free = { context in
            guard let context else { return -1 }
            Unmanaged<ImageMemory>.fromOpaque(context).release()
            return 0
        }
        callbacks.udata = Unmanaged.passUnretained(self).toOpaque()
        try operation.call("H5Pset_file_image_callbacks") { H5Pset_file_image_callbacks(access.id, &callbacks) }
    }

    private func resize(_ start: UnsafeMutableRawPointer?, to size: Int) -> UnsafeMutableRawPointer? {
        precondition(start == nil ? !isLent : start == base, "One file at a time lives in this memory")
        if start == nil { self.size = 0 }
        guard grow(to: size) else { return nil }
        self.size = size
        isLent = true
        return base
    }

    private func takeBack() {
        isLent = false
        size = 0
    }

    /// Makes room for so many bytes, and keeps those of the file. Returns whether there is memory for them.
    private func grow(to bytes: Int) -> Bool {
        guard bytes > capacity else { return true }
        let isLarge = bytes >= 2 * Self.largePage
        let page = isLarge ? Self.largePage : Self.page
        let wanted = (max(bytes, min(2 * capacity, capacity + (1 << 28))) + page - 1) / page * page
        var start: UnsafeMutableRawPointer?
        guard posix_memalign(&start, page, wanted) == 0, let start else { return false }
        #if os(Linux)
            // A wish: where it is not granted, nothing is lost.
            if isLarge { _ = madvise(start, wanted, MADV_HUGEPAGE) }
        #endif
        if let base { start.copyMemory(from: base, byteCount: size) }
        free(base)
        base = start
        capacity = wanted
        return true
    }
}
