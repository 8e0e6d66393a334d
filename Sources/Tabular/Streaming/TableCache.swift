internal import FoundationEssentials

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Keeps tables that can only be read from their first row to their last as HDF5 files, which can be read in any order.
///
/// A file of the cache is good for the very files that it was made of, read in the same way by the same version: its name is
/// a digest of their paths, sizes, identities and times of change, which no program can set back. Whoever deletes the folder
/// or a file in it loses time alone. When a table has changed, the file of what it was is deleted.
public struct TableCache: Sendable {
    /// Changes whenever a table is read or stored in another way.
    private static let version = 1
    /// The rows that are stored together: about 64 KiB of numbers, which a disk reads as fast as more, and of which a window
    /// holds many; fewer of narrow tables, whose columns may be texts that become many inputs.
    static func chunkRows(columns: Int) -> Int { max(64, min(1024, (64 << 10) / (4 * max(1, columns)))) }

    /// Where the files are.
    public let folder: String

    /// - Parameter folder: `nil`: the user's folder for such things, `$XDG_CACHE_HOME/descent` or `~/.cache/descent`.
    public init(folder: String? = nil) {
        let environment = ProcessInfo.processInfo.environment
        let base =
            environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
            ?? (environment["HOME"] ?? "/tmp") + "/.cache"
        self.folder = folder ?? base + "/descent"
    }

    /// A table that is in the cache.
    ///
    /// - Returns: `nil` when the files are not those of which one was made.
    /// - Throws: `TableError` when the file in the cache cannot be read.
    public func table(
        of paths: [String], format: TableFormat, categorical: ColumnPattern?, named name: String
    ) throws(TableError) -> (any RandomAccessTable)? {
        guard let key = Key(paths, format, categorical), access(path(key), R_OK) == 0 else { return nil }
        return try open(path(key), named: name, workers: format.workers)
    }

    /// Puts a table into the cache.
    ///
    /// - Parameters:
    ///   - paths: The files that it was read from.
    ///   - progress: As for `convert`.
    /// - Returns: `nil` when `progress` stopped it.
    /// - Throws: `TableError` for a value that cannot be read, or when the folder cannot be written.
    public func add(
        _ source: any TableSource, paths: [String], format: TableFormat, categorical: ColumnPattern?,
        progress: (ConversionProgress) -> Bool = { _ in true }
    ) throws(TableError) -> (any RandomAccessTable)? {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw TableError(
                .inputOutput, file: folder,
                "cannot be made, and rows that do not fit in memory must be kept somewhere: name another folder")
        }
        let key = Key(paths, format, categorical)
        // What nobody can find again is deleted as soon as it is open.
        let path = path(key ?? Key(temporary: ()))
        if let key { removeOld(key) }
        let options = ConversionOptions(
            chunkRows: Self.chunkRows(columns: source.columnNames.count), categorical: categorical,
            workers: format.workers)
        guard try convert(source, to: path, options: options, progress: progress) != nil else { return nil }
        // A file that changed while it was read is not what its key says.
        let isSame = key != nil && Key(paths, format, categorical) == key
        let table = try open(path, named: source.name, workers: format.workers)
        if !isSame { unlink(path) }
        return table
    }

    private func open(
        _ path: String, named name: String, workers: Int
    ) throws(TableError) -> any RandomAccessTable {
        NamedTable(try HDF5Source(path: path, workers: workers), name: name)
    }

    private func path(_ key: Key) -> String { "\(folder)/\(key.table)-\(key.state).h5" }

    /// Deletes what was made of the same files when they were others.
    private func removeOld(_ key: Key) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasPrefix(key.table + "-") && name.hasSuffix(".h5") { unlink("\(folder)/\(name)") }
    }

    /// Which table, and in which state.
    private struct Key: Equatable {
        let table: String
        let state: String

        /// `nil` where a path is not a file that stays.
        init?(_ paths: [String], _ format: TableFormat, _ categorical: ColumnPattern?) {
            var format = format
            format.workers = 1
            var table = TextHash("\(TableCache.version) \(format) \(categorical.map { "\($0)" } ?? "")")
            var state = TextHash("")
            guard let files = try? paths.flatMap({ try expanded($0) }) else { return nil }
            for path in files {
                var status = stat()
                guard path != "-", stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
                    let real = realpath(path, nil)
                else { return nil }
                defer { free(real) }
                table.add(String(cString: real))
                let changed = status.st_ctim
                state.add(
                    "\(status.st_dev) \(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec) "
                        + "\(status.st_mtim.tv_nsec) \(changed.tv_sec) \(changed.tv_nsec)")
                // Clocks tick: a file may change again within the tick that its time names.
                if time(nil) - changed.tv_sec < 2 { return nil }
            }
            self.table = table.text
            self.state = state.text
        }

        /// A key that nobody has again.
        init(temporary: Void) {
            table = "temporary"
            state = UUID().uuidString
        }
    }
}

/// 128 bits of FNV-1a (Fowler, Noll and Vo 1991) over texts.
private struct TextHash {
    private var value: UInt128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D

    init(_ text: String) { add(text) }

    mutating func add(_ text: String) {
        for byte in Array(text.utf8) + [0] {
            value = (value ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013B
        }
    }

    var text: String { String(value, radix: 36) }
}

/// A table under another name: that of the file that people know.
private struct NamedTable: RandomAccessTable {
    let table: HDF5Source
    let name: String

    init(_ table: HDF5Source, name: String) {
        self.table = table
        self.name = name
    }

    var columnNames: [String] { table.columnNames }
    var knownRoles: KnownRoles { table.knownRoles }
    var notes: [String] { [] }
    var rowCount: Int { table.rowCount }

    func profile(among readers: any TableReaders) throws(TableError) -> TableProfile {
        try table.profile(among: readers)
    }

    func preferredBlockRows(_ selection: ColumnSelection, bytes: Int) throws(TableError) -> Int {
        try table.preferredBlockRows(selection, bytes: bytes)
    }

    func read(
        _ selection: ColumnSelection, rows: Range<Int>, _ body: (borrowing RowChunk) throws(TableError) -> Void
    ) throws(TableError) {
        try table.read(selection, rows: rows, body)
    }
}
