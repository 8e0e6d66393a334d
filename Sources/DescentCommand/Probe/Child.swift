internal import Descent
internal import FoundationEssentials

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Why a child could not be started.
struct ChildFailure: Error {
    let reason: String
}

/// A process of this command that opens files in its place (`ProbeChild`).
struct Child {
    /// How one came to harm.
    enum End {
        case crashed
        case lackedMemory
        case tookTooLong

        /// What that says of the file.
        var reason: String {
            let harm =
                switch self {
                case .crashed: "the HDF5 library crashed over it"
                case .lackedMemory: "it makes the HDF5 library ask for memory beyond all measure"
                case .tookTooLong: "the HDF5 library did not get through it in reasonable time"
                }
            return "it is damaged, or made to do harm: \(harm), in a process apart from this one; copy it again from "
                + "where it came, or write it anew"
        }
    }

    private let process: pid_t
    private let socket: Int32

    init() throws(ChildFailure) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw ChildFailure(reason: String(cString: strerror(errno)))
        }
        defer { close(ends[1]) }
        var process: pid_t = 0
        let failure = Self.spawn(&process, input: ends[1])
        guard failure == 0 else {
            close(ends[0])
            throw ChildFailure(reason: String(cString: strerror(failure)))
        }
        self.process = process
        socket = ends[0]
    }

    /// - Returns: 0, or the number of the error.
    private static func spawn(_ process: inout pid_t, input: Int32) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        for stream in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0)
        }
        // Signals as every program meets them at first; and a group of its own, so that Control-C is for the command alone.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        // It needs no threads of OpenBLAS', and nobody reads where it crashed. Over some files the library frees what it never
        // set, which does no harm in one process and ends the next: memory that begins as noise (in glibc) ends this one.
        let own = ["OPENBLAS_NUM_THREADS": "1", "SWIFT_BACKTRACE": "enable=no", "MALLOC_PERTURB_": "165"]
        let inherited = ProcessInfo.processInfo.environment.merging(own) { $1 }
        return withStrings(["descent", ProbeChild.word]) { arguments in
            withStrings(inherited.map { "\($0)=\($1)" }) { environment in
                posix_spawn(&process, "/proc/self/exe", &actions, &attributes, arguments, environment)
            }
        }
    }

    /// Its answer; `nil` where it has come to harm.
    func ask(_ message: ProbeMessage) -> ProbeMessage.Answer? {
        guard message.send(through: socket), let answer = ProbeMessage.receive(1, from: socket) else { return nil }
        return ProbeMessage.Answer(rawValue: answer[0])
    }

    /// Lets it end, and tells how it ended where that was before its time.
    @discardableResult
    func finish() -> End {
        close(socket)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        switch status & 0x7F {
        case SIGXCPU, SIGALRM: return .tookTooLong
        // Where memory is short, the system ends whom it likes.
        case SIGKILL: return .lackedMemory
        default: return .crashed
        }
    }
}

/// Hands on texts as C takes them: pointers, and none at the end.
private func withStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let pointers = texts.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers + [nil])
}
