internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Whether the user asked to stop.
///
/// The one piece of global state in the command: a signal handler can reach nothing else. The first SIGINT asks to finish
/// the step and save, the second ends the process at once.
enum Interruption {
    private static let requests = Atomic<Int>(0)

    static var isRequested: Bool { requests.load(ordering: .relaxed) > 0 }

    static func watch() {
        signal(SIGINT) { _ in
            if Interruption.requests.add(1, ordering: .relaxed).oldValue > 0 { _exit(130) }
        }
        signal(SIGPIPE, SIG_IGN)
        // A parent may have started this process with the signal blocked, and Control-C would do nothing.
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }
}
