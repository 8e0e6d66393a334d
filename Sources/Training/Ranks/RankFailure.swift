/// What ends a job of several ranks.
struct RankFailure: Sendable, Hashable {
    /// The rank on which something went wrong.
    var rank: Int
    /// The exit code of the job.
    var code: Int32
    var message: String

    /// The bytes of a message between ranks.
    static let size = 4096

    /// As a message: two numbers and a text that a zero ends.
    var bytes: [UInt8] {
        let head = [UInt8(truncatingIfNeeded: code)] + (0..<4).map { UInt8(truncatingIfNeeded: rank >> (8 * $0)) }
        let text = Array(message.utf8.prefix(Self.size - head.count - 1))
        return head + text + [UInt8](repeating: 0, count: Self.size - head.count - text.count)
    }

    init(rank: Int, code: Int32, message: String) {
        self.rank = rank
        self.code = code
        self.message = message
    }

    init(bytes: [UInt8]) {
        code = Int32(bytes[0])
        rank = (0..<4).reduce(0) { $0 | Int(bytes[1 + $1]) << (8 * $1) }
        message = String(decoding: bytes[5...].prefix { $0 != 0 }, as: UTF8.self)
    }
}

/// A step failed on another rank, which says why.
public struct FailureOfOtherRank: Error, Sendable, Hashable, CustomStringConvertible {
    public let rank: Int

    public init(rank: Int) {
        self.rank = rank
    }

    public var description: String { "Training stopped: rank \(rank) failed." }
}
