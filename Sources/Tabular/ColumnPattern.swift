/// A comma-separated list of columns as a user writes it: names, indices over all columns from 0, or globs with `*` and
/// `?`.
///
/// A name wins over an index, an index over a glob.
public struct ColumnPattern: Sendable, Hashable {
    /// The parts of the list.
    public let parts: [String]

    /// A list such as `age,sex,pixel_*`.
    public init(_ list: String) {
        parts = list.split(separator: ",").map { $0.trimmingBlanks }
    }

    /// One name, taken whole.
    public init(name: String) {
        parts = [name]
    }

    /// The columns meant, ascending.
    ///
    /// - Throws: `TableError` for a part that means no column.
    public func columns(of names: [String], in file: String, flag: String) throws(TableError) -> [Int] {
        var found: Set<Int> = []
        for part in parts {
            let matches = Self.columns(part, names)
            guard !matches.isEmpty else {
                throw TableError(
                    .badRequest, file: file,
                    "\(flag) names '\(part)', and there is no such column; " + Self.listing(names, near: part))
            }
            found.formUnion(matches)
        }
        return found.sorted()
    }

    private static func columns(_ part: String, _ names: [String]) -> [Int] {
        if let index = names.firstIndex(of: part) { return [index] }
        if let index = Int(part), index >= 0, index < names.count { return [index] }
        guard part.contains("*") || part.contains("?") else { return [] }
        let pattern = Array(part.utf8)
        return names.indices.filter { matches(pattern[...], Array(names[$0].utf8)[...]) }
    }

    private static func matches(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        // Greedy matching with one point to come back to: linear in practice, never exponential.
        var pattern = pattern
        var name = name
        var retry: (pattern: ArraySlice<UInt8>, name: ArraySlice<UInt8>)?
        while let next = name.first {
            if pattern.first == UInt8(ascii: "*") {
                pattern = pattern.dropFirst()
                retry = (pattern, name)
            } else if let expected = pattern.first, expected == next || expected == UInt8(ascii: "?") {
                pattern = pattern.dropFirst()
                name = name.dropFirst()
            } else if let point = retry {
                pattern = point.pattern
                name = point.name.dropFirst()
                retry = (pattern, name)
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// What columns there are, the one most like `name` first.
    static func listing(_ names: [String], near name: String) -> String {
        let close = names.min { distance($0, name) < distance($1, name) }
        let suggestion = close.flatMap { distance($0, name) <= max(1, name.count / 3) ? "did you mean '\($0)'? " : nil }
        let shown = names.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
        let rest = names.count > 12 ? ", and \(names.count - 12) more" : ""
        return (suggestion ?? "") + "the columns are \(shown)\(rest)"
    }

    /// The edits that turn one word into the other (Levenshtein 1966).
    private static func distance(_ a: String, _ b: String) -> Int {
        let target = Array(b.utf8)
        var row = Array(0...target.count)
        for (i, x) in a.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in target.indices {
                let substitution = diagonal + (x == target[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[target.count]
    }
}

extension StringProtocol {
    /// The text without the blanks around it.
    var trimmingBlanks: String {
        let start = firstIndex { $0 != " " && $0 != "\t" } ?? endIndex
        var end = endIndex
        while end > start, self[index(before: end)] == " " || self[index(before: end)] == "\t" {
            end = index(before: end)
        }
        return String(self[start..<end])
    }
}
