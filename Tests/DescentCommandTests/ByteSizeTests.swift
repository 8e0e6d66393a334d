import Testing

@testable import DescentCommand

@Suite("Sizes of memory")
struct ByteSizeTests {
    @Test(
        "As people write them",
        arguments: [
            ("1G", 1 << 30), ("1g", 1 << 30), ("1GB", 1 << 30), ("1GiB", 1 << 30), ("512M", 512 << 20),
            ("1.5K", 1536), ("100", 100), ("100B", 100), ("2T", 2 << 40),
        ])
    func read(_ text: String, _ bytes: Int) {
        #expect(ByteSize(argument: text)?.bytes == bytes)
    }

    @Test(
        "Anything else is not one", arguments: ["", "G", "-1G", "1 G", "1Q", "0", "1e9", "9999999T", "1.2.3M", "nan"])
    func refused(_ text: String) {
        #expect(ByteSize(argument: text) == nil)
    }

    @Test(
        "As they are shown: rounded up",
        arguments: [(1 << 30, "1G"), (1_234_567_890, "1.2G"), (512 << 20, "512M"), (1000, "1000"), (1025, "1.1K")])
    func shown(_ bytes: Int, _ text: String) {
        #expect(ByteSize(bytes: bytes).description == text)
    }
}
