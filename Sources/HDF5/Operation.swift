internal import CHDF5
import Synchronization

/// What is being tried, and on what: every call into the library goes through one, and every error names it.
struct Operation: Sendable {
    /// To follow "cannot": `read the dataset`.
    let name: String
    /// The file and the object in it.
    let path: String

    init(_ name: String, on path: String) {
        self.name = name
        self.path = path
    }

    /// One lock for the process. libhdf5 may be built without thread safety, and with it the error stack would still
    /// have to be read before another call. It is taken here and nowhere else, so it is never taken twice.
    private static let lock = Mutex(())

    /// Runs one library call and throws when it reports failure, which is a negative number.
    ///
    /// `body` makes the C call and nothing else: releasing a handle in it would take the lock a second time.
    @discardableResult
    func call<Status: BinaryInteger & Sendable>(
        _ function: String, zeroFails: Bool = false, _ body: () -> Status
    ) throws(HDF5Error) -> Status {
        var frames: [HDF5Error.Frame] = []
        let status = Self.lock.withLock { _ in
            // The library prints errors by itself unless told not to, once per thread: it keeps a stack for each.
            _ = H5Eset_auto2(CHDF5_H5E_DEFAULT(), nil, nil)
            let status = body()
            if status < 0 || (zeroFails && status == 0) { frames = Self.captureErrorStack() }
            return status
        }
        guard status < 0 || (zeroFails && status == 0) else { return status }
        throw failure(function: function, frames: frames)
    }

    /// Runs one library call whose failure does not matter: closing, and questions with a fallback.
    func callIgnoringFailure(_ body: () -> Void) {
        Self.lock.withLock { _ in
            _ = H5Eset_auto2(CHDF5_H5E_DEFAULT(), nil, nil)
            body()
        }
    }

    /// Runs one library call that makes an identifier, and takes ownership of it.
    func open(
        _ function: String, _ kind: Handle.Kind, holding memory: ImageMemory? = nil, _ body: () -> hid_t
    ) throws(HDF5Error) -> Handle {
        let id = try call(function, body)
        return try Handle(adopting: id, expecting: kind, holding: memory, for: self)
    }

    /// An error that this module found out itself.
    func refusal(_ kind: HDF5Error.Kind, _ reason: String) -> HDF5Error {
        HDF5Error(kind, operation: name, path: path, reason: reason)
    }

    private func failure(function: String, frames: [HDF5Error.Frame]) -> HDF5Error {
        // The innermost entry tells what happened, the outermost only that the call failed.
        let cause = frames.first?.description ?? "the library gave no reason"
        return HDF5Error(
            .library, operation: name, path: path, function: function, frames: frames,
            reason: "\(cause) (\(function))")
    }

    /// The calling thread's error stack, innermost entry first. Called with the lock held.
    private static func captureErrorStack() -> [HDF5Error.Frame] {
        var frames: [HDF5Error.Frame] = []
        withUnsafeMutablePointer(to: &frames) { pointer in
            _ = H5Ewalk2(
                CHDF5_H5E_DEFAULT(), H5E_WALK_UPWARD,
                { _, entry, context in
                    guard let entry, let frames = context?.assumingMemoryBound(to: [HDF5Error.Frame].self) else {
                        return -1
                    }
                    frames.pointee.append(
                        HDF5Error.Frame(
                            function: entry.pointee.func_name.map { String(cString: $0) } ?? "?",
                            description: entry.pointee.desc.map { String(cString: $0) } ?? "no description"))
                    return 0
                }, pointer)
        }
        return frames
    }
}
