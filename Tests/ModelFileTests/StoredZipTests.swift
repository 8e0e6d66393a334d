import Foundation
import TestSupport
import Testing

@testable import ModelFile

@Suite("Archives of stored members")
struct StoredZipTests {
    /// Written by Python's zipfile: `a.txt` with "hello" and an empty `b/c.bin`, stored.
    private func archive(_ members: [(String, [UInt8])]) throws -> [UInt8] {
        var zip = StoredZip()
        for (name, bytes) in members { zip.add(name, bytes) }
        return try zip.image()
    }

    @Test("What is written is read, names and bytes, and equal members give equal bytes")
    func roundTrip() throws {
        let members: [(String, [UInt8])] = [
            ("metadata.json", Array("{}".utf8)), ("empty", []),
            ("größe", (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }),
        ]
        let image = try archive(members)
        #expect(image == (try archive(members)))
        let zip = try StoredZip(image)
        #expect(zip.members.map(\.name) == members.map(\.0))
        for (name, bytes) in members { #expect(zip[name].map(Array.init) == bytes) }
        #expect(zip["other"] == nil)
        #expect(Array(image.prefix(4)) == StoredZip.signature)
    }

    @Test("The checksum is that of zip archives")
    func checksum() throws {
        // The check value of CRC-32: that of "123456789" is CBF43926; it stands at byte 14 of the member's header.
        let image = try archive([("n", Array("123456789".utf8))])
        #expect(Array(image[14..<18]) == [0x26, 0x39, 0xF4, 0xCB])
    }

    @Test("Every flipped byte of contents or directory is an error or changes nothing that is read")
    func damage() throws {
        let contents = Array("the weights of a network".utf8)
        let image = try archive([("a", contents), ("b", contents.reversed())])
        for position in image.indices {
            for bit in [0, 3, 7] {
                var damaged = image
                damaged[position] ^= 1 << UInt8(bit)
                guard let zip = try? StoredZip(damaged) else { continue }
                // Names and times are not summed up; contents are.
                for member in zip.members {
                    #expect(
                        Array(member.bytes) == contents || Array(member.bytes) == contents.reversed(), "\(position)")
                }
            }
        }
    }

    @Test("Every truncation is an error")
    func truncation() throws {
        let image = try archive([("a", Array("the weights".utf8))])
        for count in 0..<image.count {
            #expect(throws: ModelError.self) { _ = try StoredZip(Array(image.prefix(count))) }
        }
    }

    @Test("Compressed and encrypted members, doubled names and wild sizes are refused")
    func hostile() throws {
        let image = try archive([("a", Array("12345678".utf8))])
        let directory = try #require(
            (0..<image.count - 4).first { Array(image[$0..<$0 + 4]) == [0x50, 0x4B, 0x01, 0x02] })
        func refusal(_ change: (inout [UInt8]) -> Void) -> String {
            var changed = image
            change(&changed)
            do {
                _ = try StoredZip(changed)
                return "none"
            } catch {
                return "\(error)"
            }
        }
        #expect(refusal { $0[directory + 10] = 8 }.contains("compressed"))
        #expect(refusal { $0[directory + 8] = 1 }.contains("encrypted"))
        #expect(refusal { $0[directory + 20] = 9 }.contains("compressed"))
        for offset in [24, 28, 42, 43, 45] {
            #expect(refusal { $0[directory + offset] = 0xFF }.contains("zip") || offset == 24, "\(offset)")
        }
        let twice = try archive([("a", [1]), ("a", [2])])
        #expect(throws: ModelError.self) { _ = try StoredZip(twice) }
    }
}
