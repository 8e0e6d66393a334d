/// Why a model could not be read or written, as a sentence for the person who has the file.
public struct ModelError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, as far as an exit code needs to tell cases apart.
    public enum Kind: Sendable, Hashable {
        /// The file does not exist or may not be read.
        case noInput
        /// The file is not a model, or is damaged.
        case badData
        /// The file may not be created.
        case cannotCreate
        /// The operating system failed to read or write.
        case inputOutput
    }

    public let kind: Kind
    /// The file; empty until a caller that knows it adds it.
    public let file: String
    /// What is wrong with the file and what to do.
    public let message: String

    public init(_ kind: Kind, file: String = "", _ message: String) {
        self.kind = kind
        self.file = file
        self.message = message
    }

    /// An error about what a file holds.
    init(_ message: String) {
        self.init(.badData, message)
    }

    public var description: String { file.isEmpty ? message : "\(file): \(message)" }

    /// The same error about a file.
    func about(_ file: String) -> ModelError {
        self.file.isEmpty ? ModelError(kind, file: file, message) : self
    }
}
