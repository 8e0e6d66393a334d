internal import Descent

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What `mpirun` or `srun` has told this process in its environment.
enum LaunchedRank {
    /// This process' number among those that were started together; `nil` where it was started alone.
    static var number: Int? {
        ["OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"].lazy.compactMap { variable($0) }.first
    }

    /// How many were started together, where that is said.
    static var count: Int? {
        ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"].lazy.compactMap { variable($0) }.first
    }

    private static func variable(_ name: String) -> Int? {
        getenv(name).flatMap { Int(String(cString: $0)) }
    }

    /// Ends all processes but the first, which says for all of them what was wrong.
    static func leaveToFirst(exitCode: Int32) {
        guard let number, number > 0 else { return }
        // The launcher ends all of them when one has ended, and the first may not have said it yet.
        sleep(1)
        exit(exitCode)
    }
}

/// The ranks of a run: the processes that were started together, or this one alone.
struct Ranks {
    #if MPI
        private let mpi: MPICommunicator?

        /// - Parameter timeout: Seconds of silence after which a rank counts as lost.
        init(timeout: Double) throws {
            guard let number = LaunchedRank.number else {
                mpi = nil
                return
            }
            do {
                mpi = try MPICommunicator(timeout: timeout) { printToStandardError("error: \($0)") }
            } catch {
                // The first that can says it, and the launcher then ends all; MPI is not to be asked to clear away.
                sleep(UInt32(min(number, 5)))
                printToStandardError("error: rank \(number): \(error)")
                _exit(Failure.exitCode(of: error))
            }
        }

        /// Does what the ranks do together; a failure of one of them ends all.
        func perform(_ body: (any Communicator) throws -> Void) throws {
            guard let mpi else { return try body(InProcessCommunicator()) }
            do {
                try body(mpi)
            } catch let failure as Failure where failure.isCommon {
                mpi.finish()
                throw failure
            } catch is FailureOfOtherRank {
                mpi.waitForEnd()
            } catch {
                mpi.fail(Failure.message(of: error), code: Failure.exitCode(of: error))
            }
            mpi.finish()
        }

        private var ranksOnHost: Int { mpi?.ranksOnHost ?? 1 }
    #else
        init(timeout: Double) throws {
            guard LaunchedRank.count ?? 1 == 1 else {
                throw Failure(
                    .usage,
                    "this descent was built without MPI, so that every process would train by itself; build it with "
                        + "'swift build -c release --traits MPI'")
            }
        }

        func perform(_ body: (any Communicator) throws -> Void) throws {
            try body(InProcessCommunicator())
        }

        private var ranksOnHost: Int { 1 }
    #endif

    /// The workers of a rank that has its share of the machine.
    var usableWorkers: Int { max(1, min(Processors.usable, Processors.online / ranksOnHost)) }

    /// The arguments for this rank: machines are shared, and one rank speaks for all.
    func adapt(_ arguments: TrainCommand, _ communicator: any Communicator) throws -> TrainCommand {
        guard !communicator.isAlone else { return arguments }
        var arguments = arguments
        if arguments.training.workers == nil {
            arguments.training.workers = usableWorkers
        }
        if arguments.memory == nil {
            arguments.memory = ByteSize(
                bytes: Int(communicator.smallest(Double(Processors.memory / 4 * 3 / ranksOnHost))))
        }
        for (flag, isGiven) in [("-", arguments.data.data.contains("-")), ("--rejects", arguments.rejects != nil)]
        where isGiven {
            throw Failure(.usage, "\(flag) is for a single process; several ranks cannot share it")
        }
        if communicator.rank > 0 {
            arguments.quiet = true
            arguments.verbose = false
            arguments.progress = .none
            arguments.log = nil
        }
        return arguments
    }
}
