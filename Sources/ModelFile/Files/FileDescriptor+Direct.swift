internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

#if canImport(Glibc)
    /// The header has the name without underscores for C of GNU's dialect only.
    private let O_DIRECT = __O_DIRECT
#endif

extension FileDescriptor {
    /// A multiple of what devices ask addresses, places and sizes to be multiples of.
    private static let directPage = 4096
    /// What is handed over at once, so that the device has time for others in between; for less it is not worth while.
    private static let directPart = 8 << 20

    /// Writes what it can of the bytes without a copy in the system's cache of files, where the file system can do that.
    ///
    /// - Returns: how many bytes were written; the rest is to be written as usual.
    func writePastCache(_ bytes: UnsafeRawBufferPointer) throws -> Int {
        var count = 0
        #if os(Linux)
            guard bytes.count >= Self.directPart, let start = bytes.baseAddress,
                Int(bitPattern: start) % Self.directPage == 0
            else { return 0 }
            let flags = fcntl(rawValue, F_GETFL)
            guard flags >= 0, fcntl(rawValue, F_SETFL, flags | O_DIRECT) == 0 else { return 0 }
            defer { _ = fcntl(rawValue, F_SETFL, flags) }
            let end = bytes.count / Self.directPage * Self.directPage
            // A write that ends within a page leaves the rest to the cache.
            while count < end, count % Self.directPage == 0 {
                let part = UnsafeRawBufferPointer(start: start + count, count: min(Self.directPart, end - count))
                do {
                    count += try write(part)
                } catch Errno.invalidArgument {
                    // This file system, or this device, cannot do it, or not in parts like these.
                    return count
                }
            }
        #endif
        return count
    }
}
