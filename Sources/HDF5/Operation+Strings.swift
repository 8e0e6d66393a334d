internal import CHDF5

/// Strings between the library's forms and Swift's.
extension Operation {
    /// The variable-length string type.
    func variableStringType(_ encoding: ElementType.StringEncoding) throws(HDF5Error) -> Handle {
        let type = try open("H5Tcopy", .datatype) { H5Tcopy(CHDF5_H5T_C_S1()) }
        try call("H5Tset_size") { H5Tset_size(type.id, CHDF5_H5T_VARIABLE()) }
        try setEncoding(encoding, of: type)
        return type
    }

    /// Reads `count` strings of the given stored type through `read`, which gets a memory type and the buffer.
    func readStrings(
        count: Int, type: ElementType, _ function: String, _ read: (hid_t, UnsafeMutableRawPointer) -> herr_t
    ) throws(HDF5Error) -> [String] {
        switch type {
        case .variableString(let encoding):
            return try readVariable(count, encoding, function, read)
        case .fixedString(let bytes, let padding, let encoding):
            return try readFixed(count, bytes, padding, encoding, function, read)
        case .integer, .float, .boolean, .enumeration, .bitField, .compound, .array, .reference, .opaque, .other:
            throw refusal(.wrongObject, "it is of type \(type), not a string")
        }
    }

    /// Writes strings through `write`, which gets the buffer for `variableStringType`.
    func writeStrings(
        _ values: [String], _ function: String, _ write: (UnsafeRawPointer) -> herr_t
    ) throws(HDF5Error) {
        // All strings in one piece of memory, each ended by a NUL, and a pointer to each.
        var bytes: [CChar] = []
        var starts: [Int] = []
        for value in values {
            guard !value.utf8.contains(0) else {
                throw refusal(.unsupported, "HDF5 cannot hold a string with a NUL character in it")
            }
            starts.append(bytes.count)
            bytes.append(contentsOf: value.utf8CString)
        }
        try bytes.withUnsafeBufferPointer { (bytes) throws(HDF5Error) in
            let pointers = starts.map { start in bytes.baseAddress.map { $0 + start } }
            try pointers.withUnsafeBufferPointer { (pointers) throws(HDF5Error) in
                guard let start = pointers.baseAddress else { return }
                try call(function) { write(start) }
            }
        }
    }

    private func readVariable(
        _ count: Int, _ encoding: ElementType.StringEncoding, _ function: String,
        _ read: (hid_t, UnsafeMutableRawPointer) -> herr_t
    ) throws(HDF5Error) -> [String] {
        let type = try variableStringType(encoding)
        let space = try dataspace([count])
        var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
        return try pointers.withUnsafeMutableBufferPointer { (pointers) throws(HDF5Error) in
            guard let buffer = pointers.baseAddress else { return [] }
            // The strings belong to the library; those that came before a failure have to go back too.
            defer { callIgnoringFailure { _ = H5Dvlen_reclaim(type.id, space.id, CHDF5_H5P_DEFAULT(), buffer) } }
            try call(function) { read(type.id, buffer) }
            var strings: [String] = []
            strings.reserveCapacity(count)
            for (index, pointer) in pointers.enumerated() {
                guard let pointer else {
                    strings.append("")
                    continue
                }
                guard let string = String(validatingCString: pointer) else { throw invalidText(index) }
                strings.append(string)
            }
            return strings
        }
    }

    private func readFixed(
        _ count: Int, _ width: Int, _ padding: ElementType.StringPadding, _ encoding: ElementType.StringEncoding,
        _ function: String, _ read: (hid_t, UnsafeMutableRawPointer) -> herr_t
    ) throws(HDF5Error) -> [String] {
        // The memory type equals the stored one, so that the bytes come as they are.
        let type = try open("H5Tcopy", .datatype) { H5Tcopy(CHDF5_H5T_C_S1()) }
        try call("H5Tset_size") { H5Tset_size(type.id, width) }
        try setEncoding(encoding, of: type)
        try call("H5Tset_strpad") { H5Tset_strpad(type.id, padding.libraryValue) }
        let (size, overflow) = count.multipliedReportingOverflow(by: width)
        guard !overflow else { throw refusal(.badFile, "it declares \(count) strings of \(width) bytes") }
        var bytes = [UInt8](repeating: 0, count: size)
        try bytes.withUnsafeMutableBufferPointer { (bytes) throws(HDF5Error) in
            guard let buffer = bytes.baseAddress else { return }
            _ = try call(function) { read(type.id, buffer) }
        }
        var strings: [String] = []
        strings.reserveCapacity(count)
        for index in 0..<count {
            let content = padding.content(of: bytes[index * width..<(index + 1) * width])
            guard let string = String(validating: content, as: UTF8.self) else { throw invalidText(index) }
            strings.append(string)
        }
        return strings
    }

    private func setEncoding(_ encoding: ElementType.StringEncoding, of type: Handle) throws(HDF5Error) {
        let set = encoding == .utf8 ? H5T_CSET_UTF8 : H5T_CSET_ASCII
        try call("H5Tset_cset") { H5Tset_cset(type.id, set) }
    }

    private func invalidText(_ index: Int) -> HDF5Error {
        refusal(.unsupported, "string \(index) of those read (from 0) is not UTF-8; store the text as UTF-8")
    }
}

extension ElementType.StringPadding {
    fileprivate var libraryValue: H5T_str_t {
        switch self {
        case .nullTerminated: H5T_STR_NULLTERM
        case .nullPadded: H5T_STR_NULLPAD
        case .spacePadded: H5T_STR_SPACEPAD
        }
    }

    /// The bytes without what fills them up.
    func content<Bytes: BidirectionalCollection<UInt8>>(of bytes: Bytes) -> Bytes.SubSequence {
        switch self {
        case .nullTerminated: bytes.prefix { $0 != 0 }
        case .nullPadded: bytes.dropLast(bytes.reversed().prefix { $0 == 0 }.count)
        case .spacePadded: bytes.dropLast(bytes.reversed().prefix { $0 == 0x20 }.count)
        }
    }
}
