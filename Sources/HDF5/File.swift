internal import CHDF5
import Synchronization
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// An open HDF5 file, on disk or in memory.
///
/// The file stays open as long as this value or any group or dataset from it lives.
public struct File: Sendable {
    /// The path as the caller gave it, or the name of a file in memory.
    public let path: String
    /// The group that everything in the file hangs from.
    public let root: Group

    private let handle: Handle
    /// Whether others that opened the same file use the same handle.
    private let isShared: Bool

    /// Opens a file for reading.
    ///
    /// The library takes a shared lock unless the environment variable `HDF5_USE_FILE_LOCKING` is `FALSE`.
    ///
    /// - Parameter opensOtherFiles: Whether external links, external storage and virtual datasets are followed, so that
    ///   whoever made the file decides which others are read.
    public init(opening path: String, opensOtherFiles: Bool = false) throws(HDF5Error) {
        let operation = Operation("open the file", on: path)
        try Self.probe?.check(.file(path: path, opensOtherFiles: opensOtherFiles))
        do {
            try self.init(operation, path: path, isShared: true, opensOtherFiles: opensOtherFiles) {
                () throws(HDF5Error) in
                let handle = try operation.open("H5Fopen", .file) {
                    H5Fopen(path, CHDF5_H5F_ACC_RDONLY(), CHDF5_H5P_DEFAULT())
                }
                try Self.keepFromChildren(handle, operation)
                return try Self.shared(handle, operation)
            }
        } catch {
            throw error.explained()
        }
    }

    /// Opens the bytes of a file for reading; `name` is what messages call it.
    ///
    /// - Parameter isTrusted: Whether the bytes are known to be those that this module wrote, so that no probe is needed.
    public init(image: [UInt8], named name: String = "memory", isTrusted: Bool = false) throws(HDF5Error) {
        let operation = Operation("open the file", on: name)
        guard !image.isEmpty else { throw operation.refusal(.badFile, "it is empty") }
        if !isTrusted { try Self.probe?.check(.image(image, name: name)) }
        do {
            try self.init(operation, path: name) { () throws(HDF5Error) in
                let access = try operation.memoryAccess()
                try image.withUnsafeBufferPointer { (bytes) throws(HDF5Error) in
                    // The library copies the bytes; its signature is mutable only for callers who hand them over.
                    let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
                    try operation.call("H5Pset_file_image") { H5Pset_file_image(access.id, start, bytes.count) }
                }
                let memoryName = Self.uniqueMemoryName()
                return try operation.open("H5Fopen", .file) { H5Fopen(memoryName, CHDF5_H5F_ACC_RDONLY(), access.id) }
            }
        } catch {
            throw error.explained()
        }
    }

    /// Creates an empty file in memory; `name` is what messages call it.
    ///
    /// Nothing is written to disk. Equal content gives equal bytes: no times are recorded.
    ///
    /// - Parameter memory: Where it lives until it is closed or dropped; no other file may live there at that time.
    public init(inMemoryNamed name: String = "memory", in memory: ImageMemory = ImageMemory()) throws(HDF5Error) {
        let operation = Operation("create the file", on: name)
        try self.init(operation, path: name) { () throws(HDF5Error) in
            let access = try operation.memoryAccess()
            try memory.provide(for: access, operation)
            try operation.makeCreating(access)
            return try Self.create(Self.uniqueMemoryName(), access, in: memory, operation)
        }
    }

    /// Creates a file on disk, replacing what is there. A crash before `close` leaves it unreadable: write beside
    /// the target and rename, or write an `image()`.
    public init(creating path: String) throws(HDF5Error) {
        let operation = Operation("create the file", on: path)
        do {
            try self.init(operation, path: path) { () throws(HDF5Error) in
                let access = try operation.propertyList(CHDF5_H5P_FILE_ACCESS)
                try operation.makeCreating(access)
                let handle = try Self.create(path, access, operation)
                try Self.keepFromChildren(handle, operation)
                return handle
            }
        } catch {
            throw error.explained()
        }
    }

    private init(
        _ operation: Operation, path: String, isShared: Bool = false, opensOtherFiles: Bool = false,
        _ open: () throws(HDF5Error) -> Handle
    ) throws(HDF5Error) {
        let handle = try open()
        let root = try operation.open("H5Gopen2", .group) { H5Gopen2(handle.id, "/", CHDF5_H5P_DEFAULT()) }
        self.path = path
        self.handle = handle
        self.isShared = isShared
        self.root = Group(
            object: Object(handle: root, file: handle, fileName: path, path: "/", opensOtherFiles: opensOtherFiles))
    }

    /// Writes everything and closes the file together with all groups and datasets from it, of a file that this
    /// process created. A file opened for reading closes when nothing uses it any more.
    ///
    /// Dropping the value closes as well, but cannot report that the volume was full.
    public func close() throws(HDF5Error) {
        guard !isShared else { return }
        let operation = Operation("close the file", on: path)
        try operation.call("H5Fflush") { H5Fflush(handle.id, H5F_SCOPE_LOCAL) }
        try handle.close(operation)
    }

    /// The bytes of the file as they stand.
    public func image() throws(HDF5Error) -> [UInt8] {
        let operation = Operation("copy the bytes of the file", on: path)
        try operation.call("H5Fflush") { H5Fflush(handle.id, H5F_SCOPE_LOCAL) }
        let size = try operation.call("H5Fget_file_image") { H5Fget_file_image(handle.id, nil, 0) }
        var bytes = [UInt8](repeating: 0, count: size)
        let copied = try operation.call("H5Fget_file_image") { H5Fget_file_image(handle.id, &bytes, size) }
        guard copied == size else { throw operation.refusal(.library, "only \(copied) of \(size) bytes came") }
        return bytes
    }

    /// Hands on the bytes of a file in memory as they stand, without copying them.
    ///
    /// - Parameter body: The bytes are valid within it only, and as long as nothing is written to the file.
    public func withImage<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        let operation = Operation("read the bytes of the file", on: path)
        let access = try operation.open("H5Fget_access_plist", .propertyList) { H5Fget_access_plist(handle.id) }
        let isInMemory = try operation.call("H5Pget_driver") { H5Pget_driver(access.id) == CHDF5_H5FD_CORE() ? 1 : 0 }
        guard isInMemory == 1 else { throw operation.refusal(.library, "the file is not in memory") }
        try operation.call("H5Fflush") { H5Fflush(handle.id, H5F_SCOPE_LOCAL) }
        let size = try operation.call("H5Fget_file_image") { H5Fget_file_image(handle.id, nil, 0) }
        var place: UnsafeMutableRawPointer?
        try operation.call("H5Fget_vfd_handle") { H5Fget_vfd_handle(handle.id, CHDF5_H5P_DEFAULT(), &place) }
        // The driver for files in memory answers with the address of its pointer to the bytes.
        guard let start = place?.load(as: UnsafeMutableRawPointer?.self), size >= 24 else {
            throw operation.refusal(.library, "it has no bytes")
        }
        // The superblock of the oldest format says in 4 bytes whether a file is open for writing, which a copy of it is not;
        // the library writes them anew when it closes the file.
        guard start.load(fromByteOffset: 8, as: UInt8.self) == 0 else {
            return try image().withUnsafeBytes(body)
        }
        start.storeBytes(of: 0, toByteOffset: 20, as: UInt32.self)
        return try body(UnsafeRawBufferPointer(start: start, count: size))
    }

    private static func create(
        _ name: String, _ access: Handle, in memory: ImageMemory? = nil, _ operation: Operation
    ) throws(HDF5Error) -> Handle {
        let creation = try operation.untimedCreation(CHDF5_H5P_FILE_CREATE)
        return try operation.open("H5Fcreate", .file, holding: memory) {
            H5Fcreate(name, CHDF5_H5F_ACC_TRUNC(), creation.id, access.id)
        }
    }

    /// Has processes that this one starts not inherit a file on disk: it would stay open, and locked, as long as they run.
    private static func keepFromChildren(_ file: Handle, _ operation: Operation) throws(HDF5Error) {
        if let descriptor = try operation.descriptor(of: file) { _ = fcntl(descriptor.rawValue, F_SETFD, FD_CLOEXEC) }
    }

    private struct Opened: Sendable {
        weak var handle: Handle?
    }

    /// The files that are open for reading, by the library's numbers for them.
    private static let opened = Mutex<[UInt: Opened]>([:])

    /// The handle through which the file is open already, or this one.
    ///
    /// The library shares a dataset between all openings of its file, and in it a pointer to one of them, which reading
    /// strings of any length follows: after that opening is closed, to a crash (HDF5 1.10.8). So there is only one.
    private static func shared(_ handle: Handle, _ operation: Operation) throws(HDF5Error) -> Handle {
        var root = H5O_info_t()
        try operation.call("H5Oget_info2") { H5Oget_info2(handle.id, &root, UInt32(H5O_INFO_BASIC)) }
        let number = root.fileno
        return opened.withLock { opened in
            if let earlier = opened[number]?.handle { return earlier }
            opened = opened.filter { $0.value.handle != nil }
            opened[number] = Opened(handle: handle)
            return handle
        }
    }

    private static let memoryNames = Atomic<Int>(0)

    /// The library takes files in memory for the same file when their names are equal.
    private static func uniqueMemoryName() -> String {
        "memory-\(memoryNames.wrappingAdd(1, ordering: .relaxed).newValue)"
    }
}
