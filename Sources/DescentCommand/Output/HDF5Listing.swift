internal import Descent

/// The tree of an HDF5 file, a line per object.
enum HDF5Listing {
    /// Groups deeper than this, or more objects than this, are not listed: a file may hold any number.
    private static let depthLimit = 16
    private static let lineLimit = 500

    static func append(_ group: Group, depth: Int, to lines: inout [String]) throws {
        let indent = String(repeating: "  ", count: depth)
        for name in try group.childNames {
            guard lines.count < lineLimit else {
                if lines.last != "..." { lines.append("...") }
                return
            }
            switch try group.kind(of: name) {
            case .group:
                lines.append("\(indent)\(name)/")
                guard depth < depthLimit else { continue }
                try append(try group.group(name), depth: depth + 1, to: &lines)
            case .dataset:
                do {
                    let dataset = try group.dataset(name)
                    let shape = dataset.shape.map(String.init).joined(separator: " x ")
                    let filters = dataset.filters.map(\.description).joined(separator: ", ")
                    lines.append(
                        "\(indent)\(name)  \(shape.isEmpty ? "scalar" : shape)  \(dataset.elementType)"
                            + (filters.isEmpty ? "" : "  filters: \(filters)"))
                } catch let error {
                    lines.append("\(indent)\(name)  (unreadable: \(error.reason))")
                }
            case .namedDatatype: lines.append("\(indent)\(name)  named datatype")
            case .softLink(let target): lines.append("\(indent)\(name) -> \(target)")
            case .externalLink(let file, let target):
                lines.append("\(indent)\(name) -> \(file):\(target) (external, not followed)")
            case .other: lines.append("\(indent)\(name)  (unknown)")
            }
        }
    }
}
