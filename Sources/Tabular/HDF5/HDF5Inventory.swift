internal import HDF5

/// The datasets of a file, for finding a table among them and for telling the user what there is.
struct HDF5Inventory {
    /// A dataset that could be opened.
    struct Entry {
        let path: String
        let dataset: Dataset

        /// `/x (60000 x 784, uint8)`.
        var text: String {
            let shape = dataset.shape.isEmpty ? "scalar" : dataset.shape.map(String.init).joined(separator: " x ")
            return "\(path) (\(shape), \(dataset.elementType))"
        }
    }

    /// Groups can hold one another in a circle, and a listing is for reading.
    private static let depthLimit = 8
    private static let entryLimit = 1_000
    private static let shownLimit = 12

    private(set) var entries: [Entry] = []
    /// The paths of the groups; inside a pandas frame none are looked for.
    private(set) var groups: [String] = []

    init(of file: File) {
        walk(file.root, depth: 0)
    }

    /// `it holds /x (…), /y (…)`.
    var text: String {
        guard !entries.isEmpty else { return "it holds no dataset" }
        let shown = entries.prefix(Self.shownLimit).map(\.text).joined(separator: ", ")
        let more = entries.count - Self.shownLimit
        return "it holds \(shown)" + (more > 0 ? " and \(more) more" : "")
    }

    private mutating func walk(_ group: Group, depth: Int) {
        // What cannot be opened is left out of the listing: this serves a message about something else.
        guard depth < Self.depthLimit, groups.count < Self.entryLimit, let names = try? group.childNames else {
            return
        }
        groups.append(group.path)
        let isFrame = (try? group.attributes.contains("pandas_type")) == true
        for name in names where entries.count < Self.entryLimit {
            switch try? group.kind(of: name) {
            case .dataset:
                if let dataset = try? group.dataset(name) {
                    entries.append(Entry(path: dataset.path, dataset: dataset))
                }
            case .group where isFrame: break
            case .group:
                if let child = try? group.group(name) { walk(child, depth: depth + 1) }
            case .namedDatatype, .softLink, .externalLink, .other, nil: break
            }
        }
    }
}
