internal import CHDF5
import Synchronization

/// Owns one library identifier and closes it.
///
/// A handle exists only for an identifier that the library confirmed to be of the kind expected. It never closes an
/// invalid one, which could be somebody else's object.
final class Handle: Sendable {
    /// What an identifier stands for, which decides how it is closed.
    enum Kind: Sendable {
        case file
        case group
        case dataset
        case attribute
        case dataspace
        case datatype
        case propertyList

        init?(_ type: H5I_type_t) {
            switch type {
            case H5I_FILE: self = .file
            case H5I_GROUP: self = .group
            case H5I_DATASET: self = .dataset
            case H5I_ATTR: self = .attribute
            case H5I_DATASPACE: self = .dataspace
            case H5I_DATATYPE: self = .datatype
            case H5I_GENPROP_LST: self = .propertyList
            default: return nil
            }
        }

        /// As messages call it.
        var name: String {
            switch self {
            case .file: "file"
            case .group: "group"
            case .dataset: "dataset"
            case .attribute: "attribute"
            case .dataspace: "dataspace"
            case .datatype: "named datatype"
            case .propertyList: "property list"
            }
        }

        fileprivate var closingFunction: String {
            switch self {
            case .file: "H5Fclose"
            case .group: "H5Gclose"
            case .dataset: "H5Dclose"
            case .attribute: "H5Aclose"
            case .dataspace: "H5Sclose"
            case .datatype: "H5Tclose"
            case .propertyList: "H5Pclose"
            }
        }

        fileprivate func close(_ id: hid_t) -> herr_t {
            switch self {
            case .file: H5Fclose(id)
            case .group: H5Gclose(id)
            case .dataset: H5Dclose(id)
            case .attribute: H5Aclose(id)
            case .dataspace: H5Sclose(id)
            case .datatype: H5Tclose(id)
            case .propertyList: H5Pclose(id)
            }
        }
    }

    private static let closed: hid_t = -1

    let kind: Kind
    private let identifier: Atomic<hid_t>
    /// What the library uses as long as this is open, without counting it.
    private let memory: ImageMemory?

    /// The identifier, or a negative number after `close`, on which every library call fails.
    var id: hid_t { identifier.load(ordering: .relaxed) }

    /// Takes ownership of `id` whatever its kind, as long as it is one this module knows.
    init(adopting id: hid_t, holding memory: ImageMemory? = nil, for operation: Operation) throws(HDF5Error) {
        let type = try operation.call("H5Iget_type") { H5Iget_type(id).rawValue }
        guard let kind = Kind(H5I_type_t(rawValue: type)) else {
            throw operation.refusal(.wrongObject, "the library returned an identifier of unknown kind \(type)")
        }
        self.kind = kind
        self.memory = memory
        identifier = Atomic(id)
    }

    /// Takes ownership of `id`, and throws (closing it) when it is not of the kind expected.
    convenience init(
        adopting id: hid_t, expecting kind: Kind, holding memory: ImageMemory? = nil, for operation: Operation
    ) throws(HDF5Error) {
        try self.init(adopting: id, holding: memory, for: operation)
        guard self.kind == kind else {
            throw operation.refusal(.wrongObject, "this is a \(self.kind.name), not a \(kind.name)")
        }
    }

    /// Closes now and reports failure, which for a file on disk can be the first sign of a full volume.
    func close(_ operation: Operation) throws(HDF5Error) {
        let id = identifier.exchange(Self.closed, ordering: .relaxed)
        guard id >= 0 else { return }
        try operation.call(kind.closingFunction) { kind.close(id) }
    }

    deinit {
        let id = identifier.load(ordering: .relaxed)
        guard id >= 0 else { return }
        Operation("close the \(kind.name)", on: "").callIgnoringFailure { _ = kind.close(id) }
    }
}
