internal import Dispatch
internal import LinearAlgebra
internal import Synchronization

/// Ranks within one process: usually a single one, which sends nothing; several are threads that each train a part, as
/// processes would.
public final class InProcessCommunicator: Communicator {
    public let rank: Int
    private let group: Group
    private let begun = Mutex<[Transfer]>([])

    public var rankCount: Int { group.rankCount }

    /// The one rank of a process that trains alone.
    public convenience init() {
        self.init(rank: 0, of: Group(rankCount: 1))
    }

    private init(rank: Int, of group: Group) {
        self.rank = rank
        self.group = group
    }

    /// Ranks that belong together, each to be used by a thread of its own.
    ///
    /// - Precondition: there is at least one.
    public static func ranks(_ count: Int) -> [InProcessCommunicator] {
        precondition(count > 0, "There cannot be \(count) ranks")
        let group = Group(rankCount: count)
        return (0..<count).map { InProcessCommunicator(rank: $0, of: group) }
    }

    public func begin(_ transfers: [Transfer]) {
        for transfer in transfers where transfer.sends { group.path(from: rank, to: transfer.peer).offer(transfer) }
        begun.withLock { $0 += transfers }
    }

    public func complete() {
        let transfers = begun.withLock { begun in
            defer { begun = [] }
            return begun
        }
        for transfer in transfers where !transfer.sends {
            group.path(from: transfer.peer, to: rank).take(into: transfer)
        }
        for transfer in transfers where transfer.sends { group.path(from: rank, to: transfer.peer).waitUntilTaken() }
    }

    private final class Group: Sendable {
        let rankCount: Int
        private let paths: [Path]

        init(rankCount: Int) {
            self.rankCount = rankCount
            paths = (0..<rankCount * rankCount).map { _ in Path() }
        }

        func path(from source: Int, to target: Int) -> Path { paths[source * rankCount + target] }
    }

    /// What one rank sends to another.
    private final class Path: Sendable {
        private let offered = Mutex<[Transfer]>([])
        private let available = DispatchSemaphore(value: 0)
        private let taken = DispatchSemaphore(value: 0)

        func offer(_ transfer: Transfer) {
            offered.withLock { $0.append(transfer) }
            available.signal()
        }

        func take(into target: Transfer) {
            available.wait()
            let source = offered.withLock { $0.removeFirst() }
            precondition(
                source.range.count == target.range.count,
                "\(source.range.count) bytes were sent where \(target.range.count) were expected")
            target.start.copyMemory(from: source.start, byteCount: source.range.count)
            taken.signal()
        }

        func waitUntilTaken() { taken.wait() }
    }
}
