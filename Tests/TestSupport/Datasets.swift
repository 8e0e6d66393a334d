public import Foundation

/// Where the data for tests lies.
public enum Datasets {
    /// The root of the repository.
    public static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The path of a small dataset that comes with the repository, such as `digits.csv`.
    public static func path(_ name: String) -> String {
        repository.appendingPathComponent("datasets").appendingPathComponent(name).path
    }

    /// The folder of large datasets, which the environment variable `DESCENT_DATASETS` names; `nil` where it is not
    /// set, or names no folder.
    public static var external: URL? {
        guard let path = ProcessInfo.processInfo.environment["DESCENT_DATASETS"] else { return nil }
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        return exists && isDirectory.boolValue ? URL(fileURLWithPath: path, isDirectory: true) : nil
    }

    /// The path of a large dataset, such as `mnist/train.h5`; `nil` where it is not there.
    public static func externalPath(_ name: String) -> String? {
        guard let file = external?.appendingPathComponent(name).path else { return nil }
        return FileManager.default.fileExists(atPath: file) ? file : nil
    }
}
