internal import CHDF5
internal import SystemPackage

/// Virtual datasets: those put together from parts of others.
extension Dataset {
    /// More parts than this are no dataset that somebody put together.
    private static var partLimit: Int { 1 << 20 }

    /// Throws where a part is missing. The library would read fill values in its place without a word.
    func checkVirtualParts(_ operation: Operation) throws(HDF5Error) {
        let creation = try operation.open("H5Dget_create_plist", .propertyList) {
            H5Dget_create_plist(object.handle.id)
        }
        var count = 0
        try operation.call("H5Pget_virtual_count") { H5Pget_virtual_count(creation.id, &count) }
        guard count <= Self.partLimit else { throw operation.refusal(.badFile, "it declares \(count) parts") }
        var checked: Set<String> = []
        for index in 0..<count {
            let name = try partName(index, creation, operation)
            // A dot is this file; names with % stand for any number of files, as many as there are.
            guard name != ".", !name.contains("%"), checked.insert(name).inserted else { continue }
            guard Self.exists(name) || Self.exists(beside(name)) else {
                throw operation.refusal(.otherFile, "a part of it lies in the file '\(name)', which is not there")
            }
        }
    }

    private func partName(_ index: Int, _ creation: Handle, _ operation: Operation) throws(HDF5Error) -> String {
        let length = try operation.call("H5Pget_virtual_filename") {
            H5Pget_virtual_filename(creation.id, index, nil, 0)
        }
        guard length <= 1 << 16 else { throw operation.refusal(.badFile, "the name of a part has \(length) bytes") }
        var bytes = [CChar](repeating: 0, count: length + 1)
        try operation.call("H5Pget_virtual_filename") {
            H5Pget_virtual_filename(creation.id, index, &bytes, bytes.count)
        }
        return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The path of a file of that name in the directory of this one, where the library looks too.
    private func beside(_ name: String) -> String {
        FilePath(object.fileName).removingLastComponent().appending(name).string
    }

    private static func exists(_ path: String) -> Bool {
        guard let descriptor = try? FileDescriptor.open(FilePath(path), .readOnly) else { return false }
        try? descriptor.close()
        return true
    }
}
