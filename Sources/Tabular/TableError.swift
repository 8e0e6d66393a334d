/// Why a table could not be used, as a sentence for the person who brought it.
public struct TableError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, as far as a caller (or an exit code) needs to tell cases apart.
    public enum Kind: Sendable, Equatable {
        /// The file does not exist, is a directory or may not be read.
        case noInput
        /// The file was read, and what it holds cannot be used.
        case badData
        /// The request does not fit the table: an unknown column, a target named twice.
        case badRequest
        /// The file may not be created.
        case cannotCreate
        /// The operating system failed to read or write.
        case inputOutput
    }

    /// The kind of failure.
    public let kind: Kind
    /// The file, or `standard input`.
    public let file: String
    /// The line of a text file, counted from 1.
    public let line: Int?
    /// The column's name, or the path of an HDF5 dataset.
    public let column: String?
    /// What was expected, what was found, what to do.
    public let message: String

    /// An error about `file`, narrowed to a line and a column where they are known.
    public init(_ kind: Kind, file: String, line: Int? = nil, column: String? = nil, _ message: String) {
        self.kind = kind
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    public var description: String {
        var place = file
        if let line { place += ", line \(line)" }
        if let column { place += ", column '\(column.shortened(to: 200))'" }
        return "\(place): \(message)"
    }
}
