public import LinearAlgebra
public import Tabular

/// The ranks that train one model together, as one of them sees them: processes that hold the same weights, compute the
/// gradients of different shards and update different parameters.
///
/// All ranks call the same methods in the same order. Where there is one rank, nothing is ever sent. The ranks read their
/// table together too.
public protocol Communicator: TableReaders {
    /// This rank's number, from 0.
    var rank: Int { get }
    /// The number of ranks.
    var rankCount: Int { get }

    /// Begins to send and receive, and returns at once; the memory belongs to the transfers until they are complete. Those
    /// between two ranks are matched in their order, and must agree in size.
    func begin(_ transfers: [Transfer])

    /// Returns when all that was begun is done.
    func complete()
}

/// Memory to send to another rank, or to receive from it.
public struct Transfer: Sendable {
    /// The other rank.
    package var peer: Int
    package var sends: Bool
    package var memory: any SharedBytes
    /// In bytes.
    package var range: Range<Int>

    package var start: UnsafeMutableRawPointer { memory.bytes + range.lowerBound }

    /// - Parameter elements: The elements of the buffer to send.
    init<Element>(send buffer: SharedBuffer<Element>, _ elements: Range<Int>, to peer: Int) {
        self.init(peer, sends: true, buffer, elements)
    }

    /// - Parameter elements: Where in the buffer to put what comes.
    init<Element>(receive buffer: SharedBuffer<Element>, _ elements: Range<Int>, from peer: Int) {
        self.init(peer, sends: false, buffer, elements)
    }

    private init<Element>(
        _ peer: Int, sends: Bool, _ buffer: SharedBuffer<Element>, _ elements: Range<Int>
    ) {
        precondition(
            elements.lowerBound >= 0 && elements.upperBound <= buffer.count,
            "There are no elements \(elements) in a buffer of \(buffer.count)")
        let stride = MemoryLayout<Element>.stride
        self.peer = peer
        self.sends = sends
        memory = buffer
        range = elements.lowerBound * stride..<elements.upperBound * stride
    }
}

extension Communicator {
    /// Whether this is the only rank.
    public var isAlone: Bool { rankCount == 1 }

    /// Sends and receives, and returns when all of it is done.
    func exchange(_ transfers: [Transfer]) {
        begin(transfers)
        complete()
    }

    /// The ranks but this one.
    var others: [Int] { (0..<rankCount).filter { $0 != rank } }

    /// The transfers after which every rank has all of a buffer, of which each rank has made a part.
    func gathering<Element>(_ buffer: SharedBuffer<Element>, part: (_ rank: Int) -> Range<Int>) -> [Transfer] {
        gathering(buffer, parts: { [part($0)] })
    }

    /// The same where each has made several parts.
    func gathering<Element>(_ buffer: SharedBuffer<Element>, parts: (_ rank: Int) -> [Range<Int>]) -> [Transfer] {
        others.flatMap { other in
            parts(rank).filter { !$0.isEmpty }.map { Transfer(send: buffer, $0, to: other) }
                + parts(other).filter { !$0.isEmpty }.map { Transfer(receive: buffer, $0, from: other) }
        }
    }

    public func share<Element>(_ buffer: SharedBuffer<Element>, parts: [Range<Int>]) {
        exchange(gathering(buffer) { parts[$0] })
    }

    /// Puts into a buffer of every rank the sums of what all have in it, element by element: each adds up a part of them.
    func sum(_ buffer: SharedBuffer<Int64>) {
        guard !isAlone else { return }
        func part(_ rank: Int) -> Range<Int> {
            rank * buffer.count / rankCount..<(rank + 1) * buffer.count / rankCount
        }
        let own = part(rank)
        let received = SharedBuffer<Int64>(count: rankCount * own.count)
        func place(_ rank: Int) -> Range<Int> { rank * own.count..<(rank + 1) * own.count }
        exchange(
            others.flatMap { other in
                (part(other).isEmpty ? [] : [Transfer(send: buffer, part(other), to: other)])
                    + (own.isEmpty ? [] : [Transfer(receive: received, place(other), from: other)])
            })
        for other in others {
            for (index, place) in zip(own, place(other)) { buffer.base[index] &+= received.base[place] }
        }
        exchange(gathering(buffer, part: part))
    }

    /// A few numbers of every rank, as many of each, by rank.
    func gather(_ values: [Double]) -> [[Double]] {
        guard !isAlone else { return [values] }
        let count = values.count
        let all = SharedBuffer<Double>(count: rankCount * count)
        for (index, value) in values.enumerated() { all[rank * count + index] = value }
        exchange(gathering(all) { $0 * count..<($0 + 1) * count })
        return (0..<rankCount).map { Array(all.elements[$0 * count..<($0 + 1) * count]) }
    }

    /// The largest of the ranks' numbers.
    func largest(_ value: Double) -> Double { gather([value]).reduce(value) { max($0, $1[0]) } }

    /// The smallest of the ranks' numbers.
    public func smallest(_ value: Double) -> Double { -largest(-value) }

    /// Returns when all ranks have come to this point.
    public func meet() { _ = union(0) }

    /// What any rank says: the bits that are set on one of them at least.
    public func union(_ bits: UInt32) -> UInt32 {
        gather([Double(bits)]).reduce(0) { $0 | UInt32($1[0]) }
    }

    /// A text of every rank, by rank.
    public func gather(_ text: String) -> [String] {
        gather(Array(text.utf8)).map { String(decoding: $0 as [UInt8], as: UTF8.self) }
    }
}
