import Foundation
import HDF5
import Testing

/// The files beside these tests, and a place for files that a test writes.
enum Fixture {
    static func path(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)").path()
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path(name))))
    }

    static func open(_ name: String) throws -> File {
        try File(opening: path(name))
    }

    /// Runs `body` with the path of a file that does not exist yet, and removes it afterwards.
    static func withTemporaryPath<Result>(_ body: (String) throws -> Result) throws -> Result {
        let path = FileManager.default.temporaryDirectory.appending(path: "hdf5-tests-\(UUID().uuidString).h5").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    static func withTemporaryFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
        try withTemporaryPath { path in
            try Data(bytes).write(to: URL(filePath: path))
            return try body(path)
        }
    }
}

/// The error that `body` throws; its absence fails the test.
func hdf5Error(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) throws -> HDF5Error {
    try #require(throws: HDF5Error.self, sourceLocation: sourceLocation) { try body() }
}
