internal import CHDF5

/// Describing how a dataset is stored, from its creation properties.
extension Operation {
    func layout(_ creation: Handle, rank: Int) throws(HDF5Error) -> Dataset.Layout {
        let layout = try call("H5Pget_layout") { H5Pget_layout(creation.id).rawValue }
        switch H5D_layout_t(rawValue: layout) {
        case H5D_COMPACT: return .compact
        case H5D_CONTIGUOUS:
            let fileCount = try call("H5Pget_external_count") { H5Pget_external_count(creation.id) }
            return fileCount > 0 ? .external : .contiguous
        case H5D_CHUNKED:
            var extents = [hsize_t](repeating: 0, count: max(rank, 1))
            let chunkRank = try call("H5Pget_chunk") { H5Pget_chunk(creation.id, Int32(rank), &extents) }
            let shape = try Shape.extents(extents.prefix(rank), for: self)
            guard chunkRank == rank, shape.allSatisfy({ $0 > 0 }) else {
                throw refusal(.badFile, "its chunks of \(Shape.text(shape)) do not fit its \(rank) dimensions")
            }
            return .chunked(shape)
        case H5D_VIRTUAL: return .virtual
        default: return .other
        }
    }

    func filters(_ creation: Handle) throws(HDF5Error) -> [Filter] {
        let count = try call("H5Pget_nfilters") { H5Pget_nfilters(creation.id) }
        var filters: [Filter] = []
        for index in 0..<UInt32(count) {
            var flags: UInt32 = 0
            var parameters = [UInt32](repeating: 0, count: 32)
            var parameterCount = parameters.count
            var configuration: UInt32 = 0
            var name = [CChar](repeating: 0, count: 128)
            let id = try call("H5Pget_filter2") {
                H5Pget_filter2(
                    creation.id, index, &flags, &parameterCount, &parameters, name.count, &name, &configuration)
            }
            let text = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            filters.append(
                Filter(
                    id: Int(id), nameInFile: String(decoding: text, as: UTF8.self),
                    parameters: Array(parameters.prefix(parameterCount))))
        }
        return filters
    }
}
