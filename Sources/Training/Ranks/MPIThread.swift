#if MPI
    internal import CMPI
    internal import Dispatch
    internal import LinearAlgebra
    internal import Synchronization

    #if canImport(Glibc)
        internal import Glibc
    #elseif canImport(Musl)
        internal import Musl
    #endif

    /// The one thread that talks to MPI: others hand it what is to be done, and wait for it when they need it.
    final class MPIThread: Sendable {
        struct World: Sendable {
            var rank: Int
            var rankCount: Int
            var ranksOnHost: Int
        }

        private struct State {
            /// What was handed over and is not begun yet.
            var transfers: [[Transfer]] = []
            /// Whether somebody waits until all is done.
            var isAwaited = false
            /// Whether to leave, when all ranks want to.
            var leaves = false
            var failure: RankFailure?
            var world: World?
        }

        private let timeout: Double
        private let report: @Sendable (String) -> Void
        private let state = Mutex(State())
        private let wake = DispatchSemaphore(value: 0)
        private let done = DispatchSemaphore(value: 0)

        init(timeout: Double, report: @escaping @Sendable (String) -> Void) {
            self.timeout = timeout
            self.report = report
        }

        // MARK: For others

        /// Starts the thread.
        ///
        /// - Throws: `TrainingError` when MPI does not start, or waits too long for other ranks to start.
        func start() throws(TrainingError) -> World {
            DispatchQueue(label: "descent.mpi").async { [self] in
                let ranks = MPIRanks(timeout: timeout)
                let world = ranks?.world
                state.withLock { $0.world = world }
                done.signal()
                guard let ranks else { return }
                while ranks.isOpen { serve(ranks) }
            }
            guard done.wait(timeout: .now() + max(Self.startTimeout, timeout)) == .success else {
                throw TrainingError("another rank has not started, or was stopped while it did")
            }
            guard let world = state.withLock({ $0.world }) else {
                throw TrainingError("MPI does not start, or not with threads beside the one that uses it")
            }
            return world
        }

        /// Seconds that ranks may start after one another: more than schedulers and cold file systems take.
        private static let startTimeout = 60.0

        /// Has transfers begun.
        func begin(_ transfers: [Transfer]) {
            state.withLock { $0.transfers.append(transfers) }
            wake.signal()
        }

        /// Returns when all that was begun is done.
        func complete() {
            state.withLock { state in
                precondition(!state.isAwaited, "One thread at a time waits for what is exchanged")
                state.isAwaited = true
            }
            wake.signal()
            done.wait()
        }

        /// Has MPI left, when all ranks want to.
        func finish() {
            state.withLock { $0.leaves = true }
            complete()
        }

        /// Has the job ended.
        func fail(_ failure: RankFailure) {
            state.withLock { $0.failure = $0.failure ?? failure }
            wake.signal()
        }

        // MARK: The thread itself

        private func serve(_ ranks: MPIRanks) {
            _ = wake.wait(timeout: .now() + ranks.pulse)
            check(ranks)
            var isAwaited = beginWhatWasHandedOver(ranks)
            var round: UInt32 = 0
            while !ranks.isDone {
                check(ranks)
                if isAwaited {
                    ranks.pause(round)
                    round &+= 1
                } else {
                    // Workers compute meanwhile, and may need this processor.
                    _ = wake.wait(timeout: .now() + Self.rest)
                }
                isAwaited = beginWhatWasHandedOver(ranks)
            }
            let (isAnswered, leaves) = state.withLock { state in
                // Something may have been handed over after all was done.
                let isAnswered = state.isAwaited && state.transfers.isEmpty
                if isAnswered { state.isAwaited = false }
                return (isAnswered, state.leaves)
            }
            guard isAnswered else { return }
            if leaves { ranks.close() }
            done.signal()
        }

        /// Returns whether somebody waits for the end.
        private func beginWhatWasHandedOver(_ ranks: MPIRanks) -> Bool {
            let (transfers, isAwaited, leaves) = state.withLock { state in
                defer { state.transfers.removeAll(keepingCapacity: true) }
                return (state.transfers, state.isAwaited, state.leaves)
            }
            for group in transfers { ranks.begin(group) }
            if leaves { ranks.beginToFinish() }
            return isAwaited
        }

        /// Seconds between two looks at transfers for which nobody waits.
        private static let rest = 1e-4

        /// Looks whether the other ranks are well, and ends the job otherwise.
        private func check(_ ranks: MPIRanks) {
            let own = state.withLock { $0.failure }
            if let own { end(ranks, because: own) }
            if let failure = ranks.listen() { end(ranks, because: failure) }
        }

        /// Ends the job. The first rank is the one to say why, so that it is said once; where it does not, because it is
        /// itself what failed, this rank does.
        private func end(_ ranks: MPIRanks, because failure: RankFailure) -> Never {
            var failure = failure
            if ranks.world.rank == 0 {
                // What goes wrong on all ranks is told as this one saw it.
                if failure.rank != 0 { failure = waitForOwnFailure(ranks, seconds: 1) ?? failure }
            } else if failure.rank != 0 {
                ranks.tellFirstRank(failure, waiting: 3)
            } else {
                // It may be silent because it is ending the job, which then ends here before this does.
                usleep(1_000_000)
            }
            report("rank \(failure.rank): \(failure.message)")
            ranks.abort(code: failure.code)
        }

        private func waitForOwnFailure(_ ranks: MPIRanks, seconds: Double) -> RankFailure? {
            for _ in 0..<20 {
                if let own = state.withLock({ $0.failure }) { return own }
                ranks.beatIfDue()
                usleep(UInt32(seconds * 1e6 / 20))
            }
            return nil
        }
    }
#endif
