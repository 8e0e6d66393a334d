internal import CHDF5

/// What groups and datasets have in common: an identifier, a place, and a hold on the file.
struct Object: Sendable {
    // Before the file, so that it is closed before: `File.shared` relies on that.
    let handle: Handle
    let file: Handle
    let fileName: String
    /// The absolute path in the file.
    let path: String
    /// Whether external links, external storage and virtual datasets may lead to other files.
    let opensOtherFiles: Bool

    /// As messages call it: `digits.h5:/x`.
    var location: String { "\(fileName):\(path)" }

    /// The absolute path of `name` as seen from here.
    func path(of name: String) -> String {
        let parts = Self.components(name)
        let prefix = name.hasPrefix("/") || path == "/" ? "" : path
        return parts.isEmpty ? (name.hasPrefix("/") ? "/" : path) : prefix + "/" + parts.joined(separator: "/")
    }

    /// The names on the way to `name`.
    static func components(_ name: String) -> [String] {
        name.split(separator: "/").map(String.init).filter { $0 != "." }
    }
}
