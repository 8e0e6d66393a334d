internal import Descent
internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Has a child of the command open every HDF5 file that nobody vouches for before the command does.
///
/// One child takes all files of a command, one after the other. It is started as soon as the arguments show that it will be
/// needed, so that it is there when the first file is to be opened, and ends when no file has come for a moment.
final class ChildProbe: FileProbe {
    private struct State {
        var child: Child?
        /// How often a file was tried.
        var uses = 0
        /// Files that did no harm, as they were then.
        var harmless: Set<Identity> = []
    }

    /// How long a child waits for the next file.
    private static let patience = 0.5

    private let state = Mutex(State())

    /// Starts the child ahead of the first file, where one of the arguments is a file that it will be needed for.
    func prepare(for arguments: some Sequence<String>) {
        // What is to be written is not read.
        let inputs = zip([""] + arguments, arguments).filter { $0.0 != "--output" }.map(\.1)
        guard inputs.contains(where: { (try? Model.isSealed($0)) == false && isHDF5($0) }) else { return }
        state.withLock { $0.child = try? Child() }
        rest()
    }

    func check(_ subject: ProbeSubject) throws(HDF5Error) {
        let identity = Identity(subject)
        if case .file = subject, identity == nil { return }
        let end = try state.withLock { (state) throws(HDF5Error) -> Child.End? in
            if let identity, state.harmless.contains(identity) { return nil }
            state.uses += 1
            let child: Child
            if let running = state.child {
                child = running
            } else {
                do throws(ChildFailure) {
                    child = try Child()
                } catch {
                    throw subject.refusal(
                        .library, "the process that tries it first could not be started (\(error.reason))")
                }
            }
            state.child = nil
            switch child.ask(ProbeMessage(subject)) {
            case .survived:
                state.child = child
                if let identity { state.harmless.insert(identity) }
                return nil
            case .lacksMemory:
                child.finish()
                return .lackedMemory
            case nil:
                return child.finish()
            }
        }
        rest()
        if let end { throw subject.refusal(.badFile, end.reason) }
    }

    /// Ends the child if it is not asked for a moment.
    private func rest() {
        let uses = state.withLock { $0.uses }
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) { [self] in
            state.withLock { state in
                guard state.uses == uses else { return }
                state.child?.finish()
                state.child = nil
            }
        }
    }
}

/// Which file a path names, and in which state.
private struct Identity: Hashable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int
    private let times: [Int]
    private let opensOtherFiles: Bool

    /// `nil` for bytes in memory, and for what is no file.
    init?(_ subject: ProbeSubject) {
        guard case .file(let path, let opensOtherFiles) = subject else { return nil }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int(status.st_size)
        times = [
            status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
        ]
        self.opensOtherFiles = opensOtherFiles
    }
}

extension ProbeSubject {
    fileprivate func refusal(_ kind: HDF5Error.Kind, _ reason: String) -> HDF5Error {
        let path =
            switch self {
            case .file(let path, _): path
            case .image(_, let name): name
            }
        return HDF5Error(kind, operation: "open the file", path: path, reason: reason)
    }
}
