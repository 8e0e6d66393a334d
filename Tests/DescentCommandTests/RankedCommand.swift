import Foundation
import Testing

/// The command on several ranks. `DESCENT_MPI_COMMAND` names a command that was built with the trait MPI; without it, tests
/// that need one are skipped.
enum RankedCommand {
    static let binary = ProcessInfo.processInfo.environment["DESCENT_MPI_COMMAND"]
    static var exists: Bool { binary != nil }

    private static let environment = [
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        // Ranks share processors here: one that waits must give way.
        "OMPI_MCA_mpi_yield_when_idle": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
    ]

    /// Starts ranks that all do the same.
    static func start(_ ranks: Int, _ arguments: [String]) throws -> RunningCommand {
        try start([(ranks, nil, arguments)])
    }

    /// Starts ranks of several kinds, in folders of their own.
    static func start(_ kinds: [(ranks: Int, folder: String?, arguments: [String])]) throws -> RunningCommand {
        var line: [String] = []
        for kind in kinds {
            if !line.isEmpty { line.append(":") }
            line += ["-np", "\(kind.ranks)"] + (kind.folder.map { ["-wdir", $0] } ?? [])
            line += [try #require(binary)] + kind.arguments
        }
        return try RunningCommand(line, environment: environment, launcher: ["mpirun", "--oversubscribe"])
    }

    static func run(_ ranks: Int, _ arguments: [String]) throws -> Command.Result {
        try start(ranks, arguments).result(within: Command.timeLimit)
    }

    /// Runs the same command in one process, as built with MPI and started without `mpirun`.
    static func alone(_ arguments: [String]) throws -> Command.Result {
        try RunningCommand(arguments, launcher: [try #require(binary)]).result(within: Command.timeLimit)
    }
}

extension RunningCommand {
    /// The processes that this one started, in the order in which it did.
    var children: [Int32] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { Int32($0) }.filter { process in
            let status = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
            // The name in parentheses may hold anything; the state and the parent follow it.
            let fields = status.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 1 && Int32(fields[1]) == identifier
        }.sorted()
    }

    /// Waits until a file is there; whether it came.
    func waits(for path: String, seconds: Double = 30) -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        while !FileManager.default.fileExists(atPath: path) {
            guard Date() < end else { return false }
            usleep(20_000)
        }
        return true
    }
}
