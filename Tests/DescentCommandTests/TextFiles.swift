import Foundation

/// The records of a CSV without quoted fields.
func records(_ text: String) -> [[String]] {
    text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
}

func read(_ path: String) throws -> String {
    String(decoding: try bytes(path), as: UTF8.self)
}

func bytes(_ path: String) throws -> Data {
    try Data(contentsOf: URL(filePath: path))
}
