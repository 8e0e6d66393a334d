#if MPI
    internal import Dispatch

    /// Ranks that are processes, started by `mpirun` or `srun`, on one machine or many.
    ///
    /// One thread talks to MPI, and every operation is one that can be asked whether it is done: so each rank goes on
    /// telling its neighbour that it is there, whatever its workers do, and a rank that has stopped is noticed. The
    /// first that something goes wrong on ends the whole job, with one message.
    public final class MPICommunicator: Communicator {
        public let rank: Int
        public let rankCount: Int
        /// The ranks on this machine.
        public let ranksOnHost: Int
        private let thread: MPIThread

        /// Makes this process one of the ranks that were started together; to be called once.
        ///
        /// - Parameters:
        ///   - timeout: Seconds of silence after which a rank counts as lost.
        ///   - report: Tells the user why the job ends; called on one rank, before all of them are ended.
        /// - Throws: `TrainingError` when MPI cannot be started.
        public init(
            timeout: Double, report: @escaping @Sendable (_ message: String) -> Void
        ) throws(TrainingError) {
            let thread = MPIThread(timeout: timeout, report: report)
            let world = try thread.start()
            self.thread = thread
            rank = world.rank
            rankCount = world.rankCount
            ranksOnHost = world.ranksOnHost
        }

        public func begin(_ transfers: [Transfer]) {
            thread.begin(transfers)
        }

        public func complete() {
            thread.complete()
        }

        /// Leaves, when all ranks have come to this point; nothing can be exchanged any more.
        public func finish() {
            thread.finish()
        }

        /// Ends the job on all ranks.
        ///
        /// - Parameter code: The exit code of the job.
        public func fail(_ message: String, code: Int32) -> Never {
            thread.fail(RankFailure(rank: rank, code: code, message: message))
            waitForEnd()
        }

        /// Waits until another rank, on which something has gone wrong, ends the job.
        public func waitForEnd() -> Never {
            while true { DispatchSemaphore(value: 0).wait() }
        }
    }
#endif
