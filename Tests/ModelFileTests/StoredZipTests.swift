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

    @Test("Names that would lead out of a folder are names and nothing else")
    func names() throws {
        let names = ["../config.json", "/etc/hostname", "a/../../b", "C:\\config.json", "config.json\u{0}"]
        let zip = try StoredZip(archive(names.map { ($0, Array("{}".utf8)) }))
        #expect(zip.members.map(\.name) == names)
        #expect(zip["config.json"] == nil)
        let directory = try TemporaryDirectory()
        let path = try directory.write(Data(archive(names.map { ($0, Array("{}".utf8)) })), to: "model.keras")
        let error = #expect(throws: ModelError.self) { _ = try Model(contentsOf: path) }
        #expect(error?.kind == .badData)
        #expect(error?.message.contains("it has no config.json") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["model.keras"])
    }

    @Test("What other programs compress is refused, whatever size it claims")
    func compressed() throws {
        // Python: zipfile.ZipFile(f, "w", zipfile.ZIP_DEFLATED).writestr("config.json", " " * 1_000_000), times set to 0.
        let name = Array("config.json".utf8)
        let packed: [UInt8] = [0xED, 0xC1, 0x01, 0x0D, 0x00, 0x00, 0x00, 0xC2]
        func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) } }
        func archive(size: UInt32) -> [UInt8] {
            let common =
                [20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0] + word(0x1234_5678) + word(UInt32(packed.count)) + word(size)
                + [UInt8(name.count), 0, 0, 0]
            let member = [0x50, 0x4B, 3, 4] + common + name + packed
            let entry = [0x50, 0x4B, 1, 2, 20, 0] + common + [UInt8](repeating: 0, count: 14) + name
            return member + entry + [0x50, 0x4B, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0] + word(UInt32(entry.count))
                + word(UInt32(member.count)) + [0, 0]
        }
        for size: UInt32 in [0, 1_000_000, 0xFFFF_FFFE] {
            let error = #expect(throws: ModelError.self) { _ = try StoredZip(archive(size: size)) }
            #expect(error?.message.contains("'config.json' compressed") == true)
        }
        let error = #expect(throws: ModelError.self) { _ = try StoredZip(archive(size: .max)) }
        #expect(error?.message.contains("4 GB") == true)
    }

    @Test("Members that share their bytes are refused before they are summed up a thousand times")
    func overlapping() throws {
        let member = [UInt8](repeating: 7, count: 5000)
        let image = try archive([("a", member), ("b", member)])
        let entries = (0..<image.count - 4).filter { Array(image[$0..<$0 + 4]) == [0x50, 0x4B, 0x01, 0x02] }
        let end = try #require((0..<image.count - 4).last { Array(image[$0..<$0 + 4]) == [0x50, 0x4B, 0x05, 0x06] })
        // A directory that names the first member again and again.
        let entry = Array(image[entries[0]..<entries[1]])
        var bomb = Array(image[..<entries[0]])
        for index in 0..<100 {
            var named = entry
            named[46] = UInt8(index + 33)
            bomb += named
        }
        bomb += image[end...]
        bomb[bomb.count - 14] = 100
        bomb[bomb.count - 12] = 100
        let error = #expect(throws: ModelError.self) { _ = try StoredZip(bomb) }
        #expect(error?.message.contains("damaged") == true)
    }
}
