internal import CHDF5

/// A walk through all that reading a table or a model from a file may come to later, so that a library that falls over the
/// file falls over it here.
///
/// It opens every object, reads every attribute, passes over the index of every dataset's chunks, and reads what the
/// library itself has to take apart: strings of any length, and data behind filters or of types that this module leaves
/// to it. Numbers that this module unpacks by itself stay where they are, so that a large file takes hardly longer than a
/// small one. What is refused on the way is passed over: whoever opens the file meets it again, with its reason.
public struct FileWalk {
    private struct Place: Hashable {
        let file: UInt
        let address: haddr_t
    }

    /// Seconds that the library may take for each object, and for each byte that it has to take apart.
    private static let secondsPerObject = 1e-3
    private static let secondsPerByte = 1e-6
    /// Elements that are read at a time.
    private static let pieceElements = 1024
    /// Chunks of one dataset that are looked up.
    private static let chunkLimit = 50_000
    /// Tiles larger than this (256 MiB) are not read.
    private static let tileLimit = 256 << 20

    private let allow: (Double) -> Void
    private var seen: Set<Place> = []

    /// Whether the library found no memory for something: a limit that is generous for sound files is all that stops such a
    /// one.
    public private(set) var lacksMemory = false

    /// - Parameter allow: Called with the seconds that the next part of the walk may take at the most; they add up.
    public init(allowing allow: @escaping (Double) -> Void) {
        self.allow = allow
    }

    /// Walks through a file.
    public mutating func visit(_ file: File) {
        // A list, not a recursion: groups may be nested as deeply as the file is long.
        var pending: [(parent: Group, name: String)] = []
        enter(file.root, &pending)
        while let (parent, name) = pending.popLast() {
            if let group = attempt({ () throws(HDF5Error) in try parent.group(name) }) { enter(group, &pending) }
        }
    }

    private mutating func enter(_ group: Group, _ pending: inout [(parent: Group, name: String)]) {
        guard isNew(group.object) else { return }
        readAttributes(group.attributes)
        for name in attempt({ () throws(HDF5Error) in try group.childNames }) ?? [] {
            allow(Self.secondsPerObject)
            switch attempt({ () throws(HDF5Error) in try group.kind(of: name) }) {
            case .group: pending.append((group, name))
            case .dataset: examine(name, in: group)
            case .softLink: _ = attempt { () throws(HDF5Error) in try group.contains(name) }
            case .externalLink where group.object.opensOtherFiles:
                if let other = attempt({ () throws(HDF5Error) in try group.group(name) }) {
                    enter(other, &pending)
                } else {
                    examine(name, in: group)
                }
            case .externalLink, .namedDatatype, .other, nil: break
            }
        }
    }

    /// Whether an object is met for the first time: groups may hold one another in a circle.
    private mutating func isNew(_ object: Object) -> Bool {
        let place = attempt { () throws(HDF5Error) in
            var info = H5O_info_t()
            try Operation("look at the object", on: object.location).call("H5Oget_info2") {
                H5Oget_info2(object.handle.id, &info, UInt32(H5O_INFO_BASIC))
            }
            return Place(file: info.fileno, address: info.addr)
        }
        return place.map { seen.insert($0).inserted } ?? false
    }

    private mutating func readAttributes(_ attributes: Attributes) {
        for name in attempt({ () throws(HDF5Error) in try attributes.names }) ?? [] {
            allow(Self.secondsPerObject)
            guard let type = attempt({ () throws(HDF5Error) in try attributes.elementType(of: name) }) else { continue }
            if type.isNumeric { _ = attempt { () throws(HDF5Error) in try attributes.exactNumbers(name) } }
            if type.isString { _ = attempt { () throws(HDF5Error) in try attributes.strings(name) } }
        }
    }

    private mutating func attempt<Result>(_ body: () throws(HDF5Error) -> Result) -> Result? {
        do {
            return try body()
        } catch {
            if error.frames.contains(where: { $0.description.contains("memory allocation failed") }) {
                lacksMemory = true
            }
            return nil
        }
    }
}

// MARK: - Datasets

extension FileWalk {
    private mutating func examine(_ name: String, in group: Group) {
        guard let dataset = attempt({ () throws(HDF5Error) in try group.dataset(name) }), isNew(dataset.object) else {
            return
        }
        readAttributes(dataset.attributes)
        let parts = attempt { () throws(HDF5Error) in
            try dataset.checkReadable()
            _ = try dataset.fillValue
            return try dataset.parts
        }
        guard let parts, dataset.elementCount > 0 else { return }
        for part in parts {
            if case .variableString = part.type { readStrings(of: dataset, part) }
        }
        let inPlace = parts.filter { part in
            if case .fixedString = part.type { true } else { part.isNumber }
        }
        if !inPlace.isEmpty, !dataset.shape.isEmpty { readTiles(of: dataset, inPlace) }
    }

    private mutating func readStrings(of dataset: Dataset, _ part: ElementPart) {
        allow(Double(dataset.storedByteCount) * Self.secondsPerByte)
        let step = max(1, Self.pieceElements / max(1, dataset.rowElementCount))
        for first in stride(from: 0, to: dataset.rowCount, by: step) {
            let rows = first..<min(first + step, dataset.rowCount)
            let strings = attempt { () throws(HDF5Error) in
                try dataset.readStrings(rows: rows, field: part.name.isEmpty ? nil : part)
            }
            // Others are met by who reads them, in the same order.
            guard strings != nil else { return }
        }
    }

    private mutating func readTiles(of dataset: Dataset, _ parts: [ElementPart]) {
        let reader = attempt { () throws(HDF5Error) in try TileReader(dataset, parts: parts, along: 0) }
        guard let reader, reader.tileByteCount <= Self.tileLimit else { return }
        if reader.isUnpackedByLibrary {
            allow(Double(dataset.storedByteCount) * Self.secondsPerByte)
        }
        let workspace = TileWorkspace()
        let step = reader.tileShape[0]
        let isStrange = parts.contains { $0.isNumber && $0.format == nil }
        // All that the library unpacks; of others the first, and where the rest are.
        let across = reader.tiles(covering: 0..<1).count
        let bands = (dataset.rowCount + step - 1) / step
        let wanted = max(1, Self.chunkLimit / max(1, across))
        let stepBands = reader.isUnpackedByLibrary ? 1 : (bands + wanted - 1) / wanted
        for band in stride(from: 0, to: bands, by: stepBands) {
            let rows = band * step..<min((band + 1) * step, dataset.rowCount)
            for (index, tile) in reader.tiles(covering: rows).enumerated() {
                let isFirst = band == 0 && index == 0
                let isMet: Void? = attempt { () throws(HDF5Error) in
                    guard reader.isUnpackedByLibrary || isFirst else { return reader.lookUp(tile) }
                    try reader.read(tile, workspace) { (bytes) throws(HDF5Error) in
                        if isStrange, isFirst { try Self.convert(bytes, parts, dataset) }
                    }
                }
                guard isMet != nil else { return }
            }
        }
    }

    /// Converts the numbers of an element of which only the library knows how.
    private static func convert(
        _ bytes: UnsafeRawBufferPointer, _ parts: [ElementPart], _ dataset: Dataset
    ) throws(HDF5Error) {
        guard let start = bytes.baseAddress else { return }
        for part in parts where part.isNumber && part.format == nil && part.count > 0 {
            let grid = ValueGrid(
                start: start + part.offset, rows: 1, values: part.count, rowStride: dataset.elementByteCount,
                valueStride: part.stride)
            var words = [UInt64](repeating: 0, count: part.count)
            var floats = [Float](repeating: 0, count: part.count)
            try part.decodeWords(grid, into: &words, targetStride: part.count)
            try part.decode(grid, into: &floats, targetStride: part.count)
        }
    }
}
