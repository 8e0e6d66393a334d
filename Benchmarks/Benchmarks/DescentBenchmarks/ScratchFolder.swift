import Foundation

/// The folder of the files that this process makes up; removed when its benchmark is over.
enum ScratchFolder {
    private static var url: URL {
        FileManager.default.temporaryDirectory.appending(
            path: "descent-benchmarks-\(ProcessInfo.processInfo.processIdentifier)")
    }

    /// The path of a file to be written.
    static func path(_ name: String) throws -> String {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url.appending(path: name).path()
    }

    static func remove() throws {
        guard FileManager.default.fileExists(atPath: url.path()) else { return }
        try FileManager.default.removeItem(at: url)
    }

    static func size(of path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }
}
