internal import CHDF5

/// Creating groups and datasets. Missing groups on the way are created too; an existing object is never replaced.
extension Group {
    /// Creates a group.
    @discardableResult
    public func createGroup(_ name: String) throws(HDF5Error) -> Group {
        let operation = Operation("create the group", on: "\(object.fileName):\(object.path(of: name))")
        let (parent, last) = try parentOfNew(name, operation)
        return try parent.createChildGroup(last, operation)
    }

    /// Creates a dataset of numbers, row by row.
    ///
    /// - Precondition: The shape holds as many elements as there are values.
    @discardableResult
    public func createDataset<Element: HDF5Element>(
        _ name: String, shape: [Int], values: [Element], options: DatasetOptions = .contiguous
    ) throws(HDF5Error) -> Dataset {
        let dataset = try createDataset(name, shape: shape, of: Element.self, options: options)
        try dataset.write(values)
        return dataset
    }

    /// Creates a dataset of numbers to be written later.
    @discardableResult
    public func createDataset<Element: HDF5Element>(
        _ name: String, shape: [Int], of _: Element.Type, options: DatasetOptions = .contiguous
    ) throws(HDF5Error) -> Dataset {
        try createDataset(name, shape: shape, options: options) { _ throws(HDF5Error) in
            Element.elementKind.fileType
        }
    }

    /// Creates a dataset of strings, variable-length UTF-8.
    ///
    /// - Precondition: The shape holds as many elements as there are values.
    @discardableResult
    public func createDataset(
        _ name: String, shape: [Int], values: [String], options: DatasetOptions = .contiguous
    ) throws(HDF5Error) -> Dataset {
        let dataset = try createDataset(name, shape: shape, ofStrings: options)
        try dataset.write(values)
        return dataset
    }

    /// Creates a dataset of strings to be written later.
    func createDataset(
        _ name: String, shape: [Int], ofStrings options: DatasetOptions
    ) throws(HDF5Error) -> Dataset {
        let operation = Operation("create the dataset", on: "\(object.fileName):\(object.path(of: name))")
        let type = try operation.variableStringType(.utf8)
        return try createDataset(name, shape: shape, options: options) { _ in type.id }
    }

    private func createDataset(
        _ name: String, shape: [Int], options: DatasetOptions, type: (Operation) throws(HDF5Error) -> hid_t
    ) throws(HDF5Error) -> Dataset {
        let operation = Operation("create the dataset", on: "\(object.fileName):\(object.path(of: name))")
        let (parent, last) = try parentOfNew(name, operation)
        let space = try operation.dataspace(shape)
        let creation = try operation.creationList(for: options, shape: shape)
        let naming = try operation.naming(last, CHDF5_H5P_LINK_CREATE)
        let type = try type(operation)
        let handle = try operation.open("H5Dcreate2", .dataset) {
            H5Dcreate2(
                parent.object.handle.id, last, type, space.id, naming.id, creation.id, CHDF5_H5P_DEFAULT())
        }
        return try Dataset(parent.child(handle, at: last), isNew: true, operation)
    }

    /// The group that a new object goes into, created where missing, and the object's own name.
    ///
    /// The library could create the groups itself, but not without recording times.
    private func parentOfNew(_ name: String, _ operation: Operation) throws(HDF5Error) -> (Group, String) {
        var components = Object.components(name)
        guard let last = components.popLast() else { throw operation.refusal(.wrongObject, "it needs a name") }
        var parent = name.hasPrefix("/") ? try group("/") : self
        for component in components {
            let exists = try parent.contains(component)
            parent = exists ? try parent.group(component) : try parent.createChildGroup(component, operation)
        }
        guard try !parent.contains(last) else {
            throw operation.refusal(.wrongObject, "\(parent.path) already holds '\(last)'")
        }
        return (parent, last)
    }

    private func createChildGroup(_ name: String, _ operation: Operation) throws(HDF5Error) -> Group {
        let creation = try operation.untimedCreation(CHDF5_H5P_GROUP_CREATE)
        let naming = try operation.naming(name, CHDF5_H5P_LINK_CREATE)
        let handle = try operation.open("H5Gcreate2", .group) {
            H5Gcreate2(object.handle.id, name, naming.id, creation.id, CHDF5_H5P_DEFAULT())
        }
        return Group(object: child(handle, at: name))
    }
}

extension Operation {
    /// The storage options as a property list.
    fileprivate func creationList(for options: DatasetOptions, shape: [Int]) throws(HDF5Error) -> Handle {
        let list = try untimedCreation(CHDF5_H5P_DATASET_CREATE)
        guard let chunkShape = options.chunkShape, !shape.isEmpty, !shape.contains(0) else { return list }
        precondition(
            chunkShape.count == shape.count && chunkShape.allSatisfy { $0 > 0 },
            "a chunk has as many extents as its dataset, none of them 0: \(chunkShape) for \(shape)")
        let extents = zip(chunkShape, shape).map { hsize_t(min($0, $1)) }
        try call("H5Pset_chunk") { H5Pset_chunk(list.id, Int32(extents.count), extents) }
        if options.shuffle { try call("H5Pset_shuffle") { H5Pset_shuffle(list.id) } }
        if let level = options.deflate {
            precondition((0...9).contains(level), "deflate has the levels 0 to 9, not \(level)")
            try call("H5Pset_deflate") { H5Pset_deflate(list.id, UInt32(level)) }
        }
        if options.fletcher32 { try call("H5Pset_fletcher32") { H5Pset_fletcher32(list.id) } }
        return list
    }
}
