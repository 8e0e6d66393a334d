internal import CHDF5

/// A group: named children and attributes.
public struct Group: Sendable {
    /// What a name in a group stands for, as the group itself records it.
    public enum Child: Sendable, Equatable {
        /// A group of this file.
        case group
        /// A dataset of this file.
        case dataset
        /// A type stored under a name.
        case namedDatatype
        /// Another name for an object of the same file.
        case softLink(target: String)
        /// The name of an object in another file, which is followed only where other files may be opened.
        case externalLink(file: String, target: String)
        /// A kind of link or object that this module does not know.
        case other
    }

    let object: Object

    /// The absolute path in the file.
    public var path: String { object.path }

    /// The attributes of the group.
    public var attributes: Attributes { Attributes(object: object) }

    /// The names of the children, sorted by their UTF-8 bytes.
    public var childNames: [String] {
        get throws(HDF5Error) {
            let operation = Operation("list the group", on: object.location)
            var names: [String] = []
            _ = try withUnsafeMutablePointer(to: &names) { (pointer) throws(HDF5Error) in
                try operation.call("H5Literate") {
                    H5Literate(
                        object.handle.id, H5_INDEX_NAME, H5_ITER_INC, nil,
                        { _, name, _, context in
                            guard let name, let names = context?.assumingMemoryBound(to: [String].self) else {
                                return -1
                            }
                            names.pointee.append(String(cString: name))
                            return 0
                        }, pointer)
                }
            }
            return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    /// What a direct child is, without following links.
    ///
    /// A name that is not UTF-8 cannot be asked for by its repaired form in `childNames`; such a child is of another kind.
    public func kind(of name: String) throws(HDF5Error) -> Child {
        let operation = Operation("look at '\(name)'", on: object.location)
        let links = try operation.linkAccess(opensOtherFiles: object.opensOtherFiles)
        if name.unicodeScalars.contains("\u{FFFD}") {
            let exists = try operation.call("H5Lexists") { H5Lexists(object.handle.id, name, links.id) }
            guard exists > 0 else { return .other }
        }
        return try child(name, links, operation)
    }

    /// Whether there is an object at `name`, which may lead through several groups. External links count where they may be followed.
    public func contains(_ name: String) throws(HDF5Error) -> Bool {
        let operation = Operation("look for '\(name)'", on: object.location)
        let links = try operation.linkAccess(opensOtherFiles: object.opensOtherFiles)
        do {
            try checkLinks(to: name, links, operation)
        } catch  where error.kind == .wrongObject || error.kind == .otherFile {
            return false
        }
        var exists: htri_t = 0
        operation.callIgnoringFailure { exists = H5Oexists_by_name(object.handle.id, name, links.id) }
        return exists > 0
    }

    /// The group at `name`, which may lead through several groups. Soft links are followed, external links where other files
    /// may be opened.
    public func group(_ name: String) throws(HDF5Error) -> Group {
        let operation = Operation("open the group", on: "\(object.fileName):\(object.path(of: name))")
        return Group(object: child(try open(name, .group, operation), at: name))
    }

    /// The dataset at `name`, which may lead through several groups. Soft links are followed, external links where other files
    /// may be opened.
    public func dataset(_ name: String) throws(HDF5Error) -> Dataset {
        let operation = Operation("open the dataset", on: "\(object.fileName):\(object.path(of: name))")
        let handle = try open(name, .dataset, operation)
        guard object.opensOtherFiles else { return try Dataset(child(handle, at: name), isNew: false, operation) }
        // A link may have led to another file, which then is the dataset's.
        let file = try operation.open("H5Iget_file_id", .file) { H5Iget_file_id(handle.id) }
        let found = Object(
            handle: handle, file: file, fileName: object.fileName, path: object.path(of: name), opensOtherFiles: true)
        return try Dataset(found, isNew: false, operation)
    }

    func child(_ handle: Handle, at name: String) -> Object {
        Object(
            handle: handle, file: object.file, fileName: object.fileName, path: object.path(of: name),
            opensOtherFiles: object.opensOtherFiles)
    }

    private func open(_ name: String, _ kind: Handle.Kind, _ operation: Operation) throws(HDF5Error) -> Handle {
        let links = try operation.linkAccess(opensOtherFiles: object.opensOtherFiles)
        try checkLinks(to: name, links, operation)
        let target = Object.components(name).isEmpty && !name.hasPrefix("/") ? "." : name
        return try operation.open("H5Oopen", kind) { H5Oopen(object.handle.id, target, links.id) }
    }
}

// MARK: - Links

extension Group {
    /// Throws with the reason where `name` does not lead to an object of this file.
    private func checkLinks(to name: String, _ links: Handle, _ operation: Operation) throws(HDF5Error) {
        var walked = name.hasPrefix("/") ? "/" : ""
        var parent: Group? = self
        for component in Object.components(name) {
            if !walked.isEmpty {
                let handle = try operation.anyObject(object.handle, walked, links)
                guard handle.kind == .group else {
                    throw operation.refusal(.wrongObject, "'\(walked)' is a \(handle.kind.name), not a group")
                }
                parent = Group(object: child(handle, at: walked))
            }
            guard let parent else { return }
            let exists = try operation.call("H5Lexists") { H5Lexists(parent.object.handle.id, component, links.id) }
            guard exists > 0 else { throw operation.refusal(.wrongObject, try parent.absence(of: component)) }
            if !object.opensOtherFiles,
                case .externalLink(let file, let target) = try parent.child(component, links, operation)
            {
                throw operation.refusal(
                    .otherFile,
                    "'\(component)' is an external link to '\(target)' in the file '\(file)', and those are not followed "
                        + "unless that is asked for; name that file instead")
            }
            walked += walked.isEmpty || walked.hasSuffix("/") ? component : "/" + component
        }
    }

    private func absence(of name: String) throws(HDF5Error) -> String {
        let names = try childNames
        guard !names.isEmpty else { return "there is no '\(name)', \(path) is empty" }
        let listed = names.prefix(10).map { "'\($0)'" }.joined(separator: ", ")
        let more = names.count > 10 ? " and \(names.count - 10) more" : ""
        return "there is no '\(name)', \(path) holds \(listed)\(more)"
    }

    private func child(_ name: String, _ links: Handle, _ operation: Operation) throws(HDF5Error) -> Child {
        var link = H5L_info_t()
        try operation.call("H5Lget_info") { H5Lget_info(object.handle.id, name, &link, links.id) }
        switch link.type {
        case H5L_TYPE_HARD:
            switch try operation.anyObject(object.handle, name, links).kind {
            case .group: return .group
            case .dataset: return .dataset
            case .datatype: return .namedDatatype
            case .file, .attribute, .dataspace, .propertyList: return .other
            }
        case H5L_TYPE_SOFT:
            let value = try linkValue(name, size: link.u.val_size, links, operation)
            return .softLink(target: String(decoding: value.prefix { $0 != 0 }, as: UTF8.self))
        case H5L_TYPE_EXTERNAL:
            // A version byte, then the file and the object, each ended by a NUL.
            let value = try linkValue(name, size: link.u.val_size, links, operation)
            let parts = value.dropFirst().split(separator: 0, omittingEmptySubsequences: false)
            let texts = parts.map { String(decoding: $0, as: UTF8.self) }
            return .externalLink(file: texts.first ?? "", target: texts.dropFirst().first ?? "")
        default: return .other
        }
    }

    private func linkValue(
        _ name: String, size: Int, _ links: Handle, _ operation: Operation
    ) throws(HDF5Error) -> [UInt8] {
        guard size <= 1 << 16 else { throw operation.refusal(.badFile, "the link '\(name)' has \(size) bytes") }
        var value = [UInt8](repeating: 0, count: max(size, 1))
        try operation.call("H5Lget_val") { H5Lget_val(object.handle.id, name, &value, value.count, links.id) }
        return value
    }
}

extension Operation {
    /// The object at `name`, of whatever kind.
    fileprivate func anyObject(_ parent: Handle, _ name: String, _ links: Handle) throws(HDF5Error) -> Handle {
        let id = try call("H5Oopen") { H5Oopen(parent.id, name, links.id) }
        return try Handle(adopting: id, for: self)
    }
}
