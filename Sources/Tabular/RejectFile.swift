internal import Synchronization
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A CSV file for the rows that cannot be taken: file, line, column, what was wrong, and the row as it is written.
///
/// A table may be read several times, and a row is written at the first. Rows of one pass come in the order of the file.
public final class RejectFile: Sendable, Hashable {
    public let path: String
    private let state: Mutex<State>

    private static let header = "file,line,column,reason,row\n"

    private struct State {
        var descriptor: FileDescriptor?
        var lines: [String: Set<Int>] = [:]
        /// Where the first row of each file stands and what was wrong with it.
        var first: [String: String] = [:]
    }

    /// Makes ready to write the file, which is created when there is a row for it; one of an earlier run is removed.
    ///
    /// - Throws: `TableError` when there is a file of this name that is no such file.
    public init(path: String) throws(TableError) {
        self.path = path
        state = Mutex(State())
        guard let old = try? FileDescriptor.open(FilePath(path), .readOnly) else { return }
        defer { try? old.close() }
        var start = [UInt8](repeating: 0, count: Self.header.utf8.count)
        let count = (try? start.withUnsafeMutableBytes { try old.read(into: $0) }) ?? 0
        guard start.prefix(count).elementsEqual(Self.header.utf8) else {
            guard count == 0 else {
                throw TableError(
                    .badRequest, file: path,
                    "--rejects would overwrite this file, which holds something else: name another")
            }
            return
        }
        _ = unlink(path)
    }

    deinit {
        try? state.withLock { $0.descriptor }?.close()
    }

    /// Writes rows of a text that starts so many lines down the file.
    func add(_ rows: [RejectedRow], of file: String, line start: Int) throws(TableError) {
        guard !rows.isEmpty else { return }
        let failure = state.withLock { state -> TableError? in
            var text = ""
            for row in rows {
                let line = start + row.line + 1
                guard state.lines[file, default: []].insert(line).inserted else { continue }
                let column = row.column ?? ""
                if state.first[file] == nil {
                    state.first[file] =
                        "line \(line)\(row.column.map { ", column '\($0)'" } ?? ""): \(row.reason)"
                }
                text += [file, "\(line)", column, row.reason, row.text].map(Self.quoted).joined(separator: ",") + "\n"
            }
            do {
                let descriptor = try state.descriptor ?? create()
                state.descriptor = descriptor
                try descriptor.writeAll(text.utf8)
                return nil
            } catch {
                return TableError(.inputOutput, file: path, "cannot write the rows that are put aside: \(error)")
            }
        }
        if let failure { throw failure }
    }

    private func create() throws -> FileDescriptor {
        let descriptor = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.create, .truncate], permissions: .init(rawValue: 0o644))
        try descriptor.writeAll(Self.header.utf8)
        return descriptor
    }

    /// A sentence on each file that had rows to put aside, in the order of their names.
    public var notes: [String] {
        state.withLock { state in
            state.lines.sorted { $0.key < $1.key }.map { file, lines in
                "\(file): \(lines.count == 1 ? "1 row" : "\(lines.count) rows") put aside in \(path); first "
                    + (state.first[file] ?? "")
            }
        }
    }

    private static func quoted(_ field: String) -> String {
        guard
            field.utf8.contains(where: {
                [ASCII.quote, ASCII.comma, ASCII.lineFeed, ASCII.carriageReturn].contains($0)
            })
        else { return field }
        return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    public static func == (left: RejectFile, right: RejectFile) -> Bool { left === right }

    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
