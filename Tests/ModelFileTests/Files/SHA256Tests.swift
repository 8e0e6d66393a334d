import Foundation
import Testing

@testable import ModelFile

/// Against the examples of FIPS 180-4 and of NIST's validation suite (SHA256ShortMsg.rsp, SHA256LongMsg.rsp).
@Suite("SHA-256")
struct SHA256Tests {
    private func hex(_ bytes: [UInt8]) throws -> String {
        try bytes.withUnsafeBytes { try SHA256.digest($0) }.map { String(format: "%02x", $0) }.joined()
    }

    @Test(
        "NIST's examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func text(_ text: String, _ digest: String) throws {
        #expect(try hex(Array(text.utf8)) == digest)
    }

    @Test("Bytes that are no text, and many of them")
    func bytes() throws {
        #expect(try hex([0xD3]) == "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1")
        #expect(
            try hex([UInt8](repeating: 0x61, count: 1_000_000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }
}
