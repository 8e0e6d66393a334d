internal import Descent

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The child of the command that opens files which nobody vouches for, so that it is the one that comes to harm.
///
/// It is the command itself, called with a word that no help mentions and with a socket as standard input. It walks through
/// each file that it is asked about, under limits on time and memory that the system enforces, and ends when the socket
/// does.
enum ProbeChild {
    /// The word that makes the command be the child.
    static let word = "probe-hdf5"

    /// Memory beyond what the process itself takes (1 GiB).
    private static let memory = 1 << 30
    /// Seconds of computing for each file, and those more for each byte of it.
    private static let seconds = 2.0
    private static let secondsPerByte = 2e-8
    /// Seconds by the clock, and those more for each byte: for disks far away.
    private static let wait = 30.0
    private static let waitPerByte = 1e-7

    /// Answers until nobody asks any more.
    static func serve() -> Never {
        for descriptor in 3..<Int32(256) { close(descriptor) }
        setLimit(RLIMIT_CORE, soft: 0)
        let taken = memoryTaken
        while let message = ProbeMessage(from: STDIN_FILENO) {
            // The bytes of an image are in this process twice: here and as the library's own.
            setLimit(RLIMIT_AS, soft: taken + memory + 2 * message.content.count)
            let answer = examine(message)
            guard ProbeMessage.send([answer.rawValue], through: STDIN_FILENO) else { break }
        }
        // Without the library's last rites, which may fail over what it has seen.
        _exit(0)
    }

    private static func examine(_ message: ProbeMessage) -> ProbeMessage.Answer {
        let path = String(decoding: message.content, as: UTF8.self)
        var status = stat()
        let size =
            switch message.kind {
            case .image: message.content.count
            case .file, .fileWithOthers: stat(path, &status) == 0 ? Int(status.st_size) : 0
            }
        alarm(UInt32(min(wait + Double(size) * waitPerByte, 1e6)))
        defer { alarm(0) }
        var allowed = secondsTaken + seconds + Double(size) * secondsPerByte
        setLimit(RLIMIT_CPU, soft: Int(allowed.rounded(.up)))
        var walk = FileWalk { more in
            let before = allowed.rounded(.up)
            allowed += more
            if allowed.rounded(.up) > before { setLimit(RLIMIT_CPU, soft: Int(min(allowed.rounded(.up), 1e9))) }
        }
        // What is refused is refused again by who asked, with its reason.
        let file =
            switch message.kind {
            case .image: try? File(image: message.content)
            case .file: try? File(opening: path)
            case .fileWithOthers: try? File(opening: path, opensOtherFiles: true)
            }
        if let file { walk.visit(file) }
        return walk.lacksMemory ? .lacksMemory : .survived
    }

    // MARK: Limits

    private static func setLimit(_ resource: __rlimit_resource, soft: Int) {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(resource.rawValue), &limit)
        limit.rlim_cur = min(rlim_t(max(soft, 0)), limit.rlim_max)
        setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    }

    /// The computing that the process has done.
    private static var secondsTaken: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// The address space that the process has.
    private static var memoryTaken: Int {
        var text = [CChar](repeating: 0, count: 64)
        let descriptor = open("/proc/self/statm", O_RDONLY)
        defer { close(descriptor) }
        guard descriptor >= 0, read(descriptor, &text, text.count - 1) > 0 else { return 0 }
        return (Int(strtol(text, nil, 10))) * Int(getpagesize())
    }
}
