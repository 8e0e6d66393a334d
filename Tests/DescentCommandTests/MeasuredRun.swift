import Foundation
import Testing

/// A run of the command that is measured: how long it took and how much memory it and its children held.
struct MeasuredRun {
    /// `nil` where a signal ended it.
    private(set) var exitCode: Int32?
    private(set) var signal: Int32?
    /// Of computing, by the command and its children: those by the clock depend on what else the machine does.
    private(set) var seconds: Double
    /// The most memory that the command, or a child of its, had at once: as the kernel tells it at the end, where that says
    /// anything, else what the command was seen to have.
    private(set) var residentBytes: Int
    private(set) var errors: String

    static let timeLimit = 10.0
    /// What ends a run that waits for what never comes.
    static let clockLimit = 60.0
    static let memoryLimit = 1 << 30

    /// Runs the command to its end. Its standard error is kept in `folder`.
    ///
    /// - Parameter clockLimit: The seconds by the clock after which it is killed.
    init(_ arguments: [String], in folder: URL, clockLimit: Double = Self.clockLimit) throws {
        let log = folder.appending(path: "errors-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: log) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var variables = ProcessInfo.processInfo.environment
        variables["SWIFT_BACKTRACE"] = "enable=no"
        let texts = ([Command.binary.path] + arguments).map { strdup($0) } + [nil]
        let environment = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in texts + environment { free(text) } }
        let clock = ContinuousClock()
        let start = clock.now
        var process: pid_t = 0
        try #require(posix_spawn(&process, Command.binary.path, &actions, nil, texts, environment) == 0)
        var status: Int32 = 0
        var usage = rusage()
        var peak = 0
        while wait4(process, &status, WNOHANG, &usage) == 0 {
            peak = Self.residentBytes(of: process) ?? peak
            if clock.now - start > .seconds(clockLimit) { kill(process, SIGKILL) }
            usleep(1000)
        }
        seconds = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) * 1e-6 }
        // A child's figure begins with what its parent had when it was made.
        var own = rusage()
        getrusage(RUSAGE_SELF.rawValue, &own)
        residentBytes = usage.ru_maxrss > own.ru_maxrss ? Int(usage.ru_maxrss) << 10 : peak
        errors = (try? read(log)) ?? ""
        if status & 0x7F == 0 { exitCode = status >> 8 & 0xFF } else { signal = status & 0x7F }
    }

    /// The most memory that a running process has had, from /proc; `nil` where it is not told.
    private static func residentBytes(of process: pid_t) -> Int? {
        let file = open("/proc/\(process)/status", O_RDONLY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { text in
            guard let start = text.baseAddress else { return nil }
            start[max(0, read(file, start, 4095))] = 0
            let label = "VmHWM:"
            return strstr(start, label).map { strtol($0 + label.utf8.count, nil, 10) << 10 }
        }
    }

    /// What breaks the contract for a run on any file, and how: `nil` where nothing does.
    ///
    /// - Parameter files: What a failure has to name one of.
    func fault(naming files: String...) -> String? { fault(naming: files) }

    func fault(naming files: [String]) -> String? {
        guard seconds <= Self.timeLimit else { return "took longer than \(Self.timeLimit) s" }
        guard let exitCode else { return "died of signal \(signal ?? 0): \(errors)" }
        guard residentBytes <= Self.memoryLimit else { return "held \(residentBytes >> 20) MiB" }
        guard [0, 64, 65, 66, 70, 73, 74].contains(exitCode) else { return "ended with \(exitCode): \(errors)" }
        guard exitCode != 0 else { return nil }
        let failures = errors.split(separator: "\n").filter { $0.hasPrefix("error: ") || $0.hasPrefix("Error: ") }
        guard failures.count == 1 else { return "ended with \(exitCode) and without one sentence: \(errors)" }
        // Failures of the numbers and of the network are about what was read, and name that.
        guard exitCode == 70 || files.contains(where: failures[0].contains) else {
            return "does not name the file: \(failures[0])"
        }
        return nil
    }
}
