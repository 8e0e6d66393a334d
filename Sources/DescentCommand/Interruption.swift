internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What signals ask of a run.
///
/// The one piece of global state in the command: a signal handler can reach nothing else. The first SIGINT, SIGTERM or
/// SIGHUP asks to finish the step and save; a second, or one while there is nothing to save, ends the process at once,
/// which harms no file. SIGUSR1 asks to save and go on.
enum Interruption {
    /// The signal that asked to stop; 0: none.
    private static let stopSignal = Atomic<Int32>(0)
    private static let isSaveRequested = Atomic<Bool>(false)
    private static let waits = Atomic<Bool>(false)

    static var isRequested: Bool { stopSignal.load(ordering: .relaxed) != 0 }

    /// The signal as a bit, to tell other ranks; 0 when none came.
    static var bit: UInt32 {
        let signal = stopSignal.load(ordering: .relaxed)
        return signal == 0 ? 0 : 1 << UInt32(signal)
    }

    /// Takes a signal that came to another rank for one of this process; the lowest, if several did.
    static func adopt(_ bits: UInt32) {
        guard bits != 0 else { return }
        _ = stopSignal.compareExchange(expected: 0, desired: Int32(bits.trailingZeroBitCount), ordering: .relaxed)
    }

    /// 128 and the number of the signal, as shells have it; `nil` when none came.
    static var exitCode: Failure.Code? {
        let signal = stopSignal.load(ordering: .relaxed)
        return signal == 0 ? nil : Failure.Code(rawValue: 128 + signal) ?? .interrupted
    }

    /// Whether a signal to stop waits for what has been trained to be saved.
    static var hasWorkToSave: Bool {
        get { waits.load(ordering: .relaxed) }
        set { waits.store(newValue, ordering: .relaxed) }
    }

    /// Whether somebody has asked to save since this was last asked.
    static func takeSaveRequest() -> Bool {
        isSaveRequested.exchange(false, ordering: .relaxed)
    }

    static func watch() {
        var watched = sigset_t()
        sigemptyset(&watched)
        for number in [SIGINT, SIGTERM, SIGHUP] where !(number == SIGHUP && isIgnored(number)) {
            signal(number) { number in
                let isFirst = Interruption.stopSignal.compareExchange(expected: 0, desired: number, ordering: .relaxed)
                    .exchanged
                if !isFirst || !Interruption.waits.load(ordering: .relaxed) { _exit(128 + number) }
            }
            sigaddset(&watched, number)
        }
        signal(SIGUSR1) { _ in Interruption.isSaveRequested.store(true, ordering: .relaxed) }
        sigaddset(&watched, SIGUSR1)
        // Writing to a closed pipe, or beyond the limit for files, is then an error like any other.
        for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
        // A parent may have started this process with signals blocked, and Control-C would do nothing.
        pthread_sigmask(SIG_UNBLOCK, &watched, nil)
    }

    /// `nohup` lets a run outlive its terminal in this way.
    private static func isIgnored(_ number: Int32) -> Bool {
        let before = signal(number, SIG_IGN)
        signal(number, before)
        return unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
