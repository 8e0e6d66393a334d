#if MPI
    internal import CMPI
    internal import LinearAlgebra
    internal import Tabular

    #if canImport(Glibc)
        internal import Glibc
    #elseif canImport(Musl)
        internal import Musl
    #endif

    /// MPI as its one thread sees it: transfers under way, the heartbeat of the ranks around, news of failures.
    ///
    /// Every rank sends a heartbeat to the next one, and the last one to the first: a rank that falls silent is noticed by
    /// its neighbour.
    final class MPIRanks {
        private enum Tag {
            static let transfer: Int32 = 1
            static let heartbeat: Int32 = 2
            static let failure: Int32 = 3
        }

        /// The requests that are open all the time, each with memory of its own.
        private enum Standing: Int, CaseIterable {
            case ownHeartbeat
            case heartbeat
            case failure
        }

        let world: MPIThread.World
        /// Seconds between two looks at the other ranks while there is nothing else to do.
        let pulse: Double
        private(set) var isOpen = true
        private var isFinishing = false
        private let timeout: Double
        /// Whether there are more ranks on this machine than processors, so that one which waits takes another's time.
        private let isCrowded: Bool

        private var requests: CMPI_Requests
        private var capacity = 64
        private var count = 0
        private let standing: CMPI_Requests
        private let beat = UnsafeMutablePointer<UInt8>.allocate(capacity: 2)
        private let news = UnsafeMutablePointer<UInt8>.allocate(capacity: RankFailure.size)

        private let clock = ContinuousClock()
        private var lastLook: ContinuousClock.Instant
        private var lastHeard: ContinuousClock.Instant
        private var lastBeat: ContinuousClock.Instant

        /// MPI moves at most 2^31 - 1 elements at once.
        private static let largestPiece = 1 << 30

        init?(timeout: Double) {
            var provided: Int32 = 0
            guard MPI_Init_thread(nil, nil, Int32(MPI_THREAD_FUNNELED), &provided) == MPI_SUCCESS,
                provided >= Int32(MPI_THREAD_FUNNELED)
            else { return nil }
            var (rank, rankCount, ranksOnHost): (Int32, Int32, Int32) = (0, 1, 1)
            var host = CMPI_COMM_WORLD()
            guard MPI_Comm_set_errhandler(CMPI_COMM_WORLD(), CMPI_ERRORS_RETURN()) == MPI_SUCCESS,
                MPI_Comm_rank(CMPI_COMM_WORLD(), &rank) == MPI_SUCCESS,
                MPI_Comm_size(CMPI_COMM_WORLD(), &rankCount) == MPI_SUCCESS,
                MPI_Comm_split_type(
                    CMPI_COMM_WORLD(), Int32(MPI_COMM_TYPE_SHARED), rank, CMPI_INFO_NULL(), &host) == MPI_SUCCESS,
                MPI_Comm_size(host, &ranksOnHost) == MPI_SUCCESS
            else { return nil }
            MPI_Comm_free(&host)
            world = MPIThread.World(rank: Int(rank), rankCount: Int(rankCount), ranksOnHost: Int(ranksOnHost))
            self.timeout = timeout
            pulse = min(timeout / 10, 0.25)
            isCrowded = Int(ranksOnHost) > Processors.online
            requests = CMPI_Requests.allocate(capacity: capacity)
            standing = CMPI_Requests.allocate(capacity: Standing.allCases.count)
            standing.initialize(repeating: CMPI_REQUEST_NULL(), count: Standing.allCases.count)
            beat.initialize(repeating: 0, count: 2)
            news.initialize(repeating: 0, count: RankFailure.size)
            lastLook = clock.now
            lastHeard = lastLook
            lastBeat = lastLook
            guard rankCount > 1 else { return }
            expectHeartbeat()
            if rank == 0 { expectNews() }
        }

        deinit {
            requests.deallocate()
            standing.deallocate()
            beat.deallocate()
            news.deallocate()
        }

        // MARK: Transfers

        /// Begins to send and receive.
        func begin(_ transfers: [Transfer]) {
            // What is to come first: it then has a place when it comes.
            for transfer in transfers where !transfer.sends { begin(transfer) }
            for transfer in transfers where transfer.sends { begin(transfer) }
        }

        private func begin(_ transfer: Transfer) {
            for first in stride(from: 0, to: transfer.range.count, by: Self.largestPiece) {
                let bytes = Int32(min(Self.largestPiece, transfer.range.count - first))
                let request = nextRequest()
                let peer = Int32(transfer.peer)
                let code =
                    transfer.sends
                    ? MPI_Isend(
                        transfer.start + first, bytes, CMPI_BYTE(), peer, Tag.transfer, CMPI_COMM_WORLD(), request)
                    : MPI_Irecv(
                        transfer.start + first, bytes, CMPI_BYTE(), peer, Tag.transfer, CMPI_COMM_WORLD(), request)
                note(code, with: transfer.peer)
            }
        }

        private func nextRequest() -> CMPI_Requests {
            if count == capacity {
                let more = CMPI_Requests.allocate(capacity: 2 * capacity)
                more.initialize(from: requests, count: count)
                requests.deallocate()
                requests = more
                capacity *= 2
            }
            (requests + count).initialize(to: CMPI_REQUEST_NULL())
            count += 1
            return requests + (count - 1)
        }

        /// Begins to wait for all ranks to come to the end, once.
        func beginToFinish() {
            guard !isFinishing else { return }
            isFinishing = true
            note(MPI_Ibarrier(CMPI_COMM_WORLD(), nextRequest()), with: nil)
        }

        /// Whether all that was begun is done.
        var isDone: Bool {
            var flag: Int32 = 0
            note(MPI_Testall(Int32(count), requests, &flag, CMPI_STATUSES_IGNORE()), with: nil)
            guard flag != 0 else { return false }
            count = 0
            return true
        }

        /// Gives others time, when `round` looks have found nothing.
        func pause(_ round: UInt32) {
            if isCrowded && round > 100 {
                usleep(20)
            } else {
                // Not many rounds without giving way: workers of this rank may be waiting for a processor.
                LinearAlgebra.pause(round: 9900 &+ round)
            }
        }

        /// Leaves MPI, when all ranks have come to the end.
        func close() {
            for request in Standing.allCases where request != .ownHeartbeat {
                let pointer = standing + request.rawValue
                guard world.rankCount > 1, request == .heartbeat || world.rank == 0 else { continue }
                MPI_Cancel(pointer)
                MPI_Wait(pointer, CMPI_STATUS_IGNORE())
            }
            MPI_Finalize()
            isOpen = false
        }

        // MARK: Are the others well?

        private var problem: RankFailure?

        /// Keeps in mind that MPI reported an error.
        private func note(_ code: Int32, with peer: Int?) {
            guard code != MPI_SUCCESS, problem == nil else { return }
            problem = RankFailure(
                rank: peer ?? world.rank, code: Self.failureCode,
                message:
                    "MPI cannot reach \(peer == nil ? "the other ranks" : "it from rank \(world.rank)") (error \(code))"
            )
        }

        /// The exit code of a job that lost a rank: a resource was not available (EX_UNAVAILABLE).
        private static let failureCode: Int32 = 69

        /// Sends a heartbeat if it is time, and hears what has come. Returns what is wrong.
        func listen() -> RankFailure? {
            guard world.rankCount > 1 else { return problem }
            let now = clock.now
            guard now - lastLook > .milliseconds(5) else { return problem }
            // Whoever was stopped himself has not heard the others either.
            if now - lastLook > .seconds(timeout / 2) { lastHeard = now }
            lastLook = now
            beatIfDue(now)
            while problem == nil, isComplete(.heartbeat) {
                lastHeard = now
                expectHeartbeat()
            }
            if world.rank == 0, isComplete(.failure) {
                return RankFailure(bytes: Array(UnsafeBufferPointer(start: news, count: RankFailure.size)))
            }
            if problem == nil, now - lastHeard > .seconds(timeout) {
                problem = RankFailure(
                    rank: previous, code: Self.failureCode,
                    message:
                        "has not answered for \(Int((now - lastHeard).seconds)) s: it was stopped, or its machine is lost"
                )
            }
            return problem
        }

        /// Lets the next rank know that this one is there, if it is time.
        func beatIfDue() { beatIfDue(clock.now) }

        private func beatIfDue(_ now: ContinuousClock.Instant) {
            guard now - lastBeat > .seconds(pulse), isComplete(.ownHeartbeat) else { return }
            lastBeat = now
            note(
                MPI_Isend(
                    beat, 1, CMPI_BYTE(), Int32(next), Tag.heartbeat, CMPI_COMM_WORLD(),
                    standing + Standing.ownHeartbeat.rawValue), with: next)
        }

        private var next: Int { (world.rank + 1) % world.rankCount }
        private var previous: Int { (world.rank + world.rankCount - 1) % world.rankCount }

        private func isComplete(_ request: Standing) -> Bool {
            var flag: Int32 = 0
            note(MPI_Test(standing + request.rawValue, &flag, CMPI_STATUS_IGNORE()), with: nil)
            return flag != 0
        }

        private func expectHeartbeat() {
            note(
                MPI_Irecv(
                    beat + 1, 1, CMPI_BYTE(), Int32(previous), Tag.heartbeat, CMPI_COMM_WORLD(),
                    standing + Standing.heartbeat.rawValue), with: previous)
        }

        private func expectNews() {
            note(
                MPI_Irecv(
                    news, Int32(RankFailure.size), CMPI_BYTE(), Int32(MPI_ANY_SOURCE), Tag.failure, CMPI_COMM_WORLD(),
                    standing + Standing.failure.rawValue), with: nil)
        }

        // MARK: The end of a job

        /// Tells the first rank of a failure, and waits a while for it to end the job.
        func tellFirstRank(_ failure: RankFailure, waiting seconds: Double) {
            let bytes = failure.bytes
            for (index, byte) in bytes.enumerated() { news[index] = byte }
            count = 0
            MPI_Isend(
                news, Int32(RankFailure.size), CMPI_BYTE(), 0, Tag.failure, CMPI_COMM_WORLD(), nextRequest())
            let start = clock.now
            while clock.now - start < .seconds(seconds) {
                var flag: Int32 = 0
                MPI_Testall(Int32(count), requests, &flag, CMPI_STATUSES_IGNORE())
                usleep(1000)
            }
        }

        /// Ends all ranks.
        func abort(code: Int32) -> Never {
            MPI_Abort(CMPI_COMM_WORLD(), code)
            _exit(code)
        }
    }
#endif
