internal import Descent

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What the command asks its child: a byte for the kind, the length in 8 bytes (little-endian), then a path or the bytes of
/// a file. The child answers with one byte.
struct ProbeMessage {
    enum Kind: UInt8 {
        case file = 1
        case fileWithOthers = 2
        case image = 3
    }

    enum Answer: UInt8 {
        case survived = 1
        case lacksMemory = 2
    }

    var kind: Kind
    var content: [UInt8]

    init(_ subject: ProbeSubject) {
        switch subject {
        case .file(let path, let opensOtherFiles):
            kind = opensOtherFiles ? .fileWithOthers : .file
            content = Array(path.utf8)
        case .image(let bytes, _):
            kind = .image
            content = bytes
        }
    }

    /// Sends it through a socket; whether it went out whole.
    func send(through socket: Int32) -> Bool {
        let length = (0..<8).map { UInt8(truncatingIfNeeded: content.count >> (8 * $0)) }
        return Self.send([kind.rawValue] + length, through: socket) && Self.send(content, through: socket)
    }

    /// The next one from a socket; `nil` at its end.
    init?(from socket: Int32) {
        guard let head = Self.receive(9, from: socket), let kind = Kind(rawValue: head[0]) else { return nil }
        let length = head[1...].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard let content = Self.receive(length, from: socket) else { return nil }
        self.kind = kind
        self.content = content
    }

    static func send(_ bytes: [UInt8], through socket: Int32) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                // A child that has died is no reason to die of a signal.
                let count = Glibc.send(
                    socket, bytes.baseAddress.map { $0 + done }, bytes.count - done, Int32(MSG_NOSIGNAL))
                guard count > 0 || errno == EINTR else { return false }
                done += max(count, 0)
            }
            return true
        }
    }

    static func receive(_ count: Int, from socket: Int32) -> [UInt8]? {
        var isWhole = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            done = 0
            while done < count {
                let received = recv(socket, buffer.baseAddress.map { $0 + done }, count - done, 0)
                guard received > 0 || (received < 0 && errno == EINTR) else { return }
                done += max(received, 0)
            }
            isWhole = true
        }
        return isWhole ? bytes : nil
    }
}
