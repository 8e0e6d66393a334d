import Foundation
import TestSupport
import Testing

@Suite("Files for tests")
struct TemporaryDirectoryTests {
    @Test("A temporary directory is there while it is held, and gone with what is in it afterwards")
    func lifetime() throws {
        var directory: TemporaryDirectory? = try TemporaryDirectory()
        let other = try TemporaryDirectory()
        let path = try #require(directory?.path)
        #expect(path != other.path)
        let file = try #require(try directory?.write("text", to: "file.txt"))
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "text")
        #expect(try directory?.contents == ["file.txt"])
        directory = nil
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(FileManager.default.fileExists(atPath: other.path))
    }

    @Test("The small datasets are found from here")
    func datasets() {
        #expect(FileManager.default.fileExists(atPath: Datasets.path("digits.csv")))
        #expect(Datasets.externalPath("no such file") == nil)
    }
}
