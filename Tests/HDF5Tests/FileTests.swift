import Foundation
import HDF5
import Testing

@Suite struct FileTests {
    private func sample() throws -> [UInt8] {
        let file = try File(inMemoryNamed: "sample")
        try file.root.attributes.write(["a", "b"], to: "names")
        let table = (0..<200).map { Float($0) }
        try file.root.createDataset("group/table", shape: [20, 10], values: table)
        let options = DatasetOptions(chunkShape: [5, 10], deflate: 6, shuffle: true)
        try file.root.createDataset("group/packed", shape: [20, 10], values: table, options: options)
        return try file.image()
    }

    @Test func equalContentIsEqualBytes() throws {
        let first = try sample()
        // Object times have a resolution of one second.
        Thread.sleep(forTimeInterval: 1.1)
        #expect(try sample() == first)
    }

    @Test("The bytes in place are those of a copy, and a file on disk has none")
    func imageInPlace() throws {
        let file = try File(inMemoryNamed: "in place")
        // More than the driver grows by at once.
        try file.root.createDataset("x", shape: [300_000], values: (0..<300_000).map { Float($0) })
        let bytes = try file.withImage { Array($0) }
        #expect(try bytes == file.image())
        #expect(try File(image: bytes).root.dataset("x").shape == [300_000])
        try Fixture.withTemporaryFile(bytes) { path in
            let error = try hdf5Error { _ = try File(opening: path).withImage { $0.count } }
            #expect(error.reason == "the file is not in memory")
        }
    }

    @Test(
        "A file in memory that was used before, too small or too large, is as any other",
        arguments: [0, 100, 3 << 20, 6 << 20])
    func memoryUsedAgain(expected: Int) throws {
        let memory = ImageMemory(expecting: expected)
        for count in [1_200_000, 10, 2_500_000, 0, 1_000] {
            func bytes(_ file: File) throws -> [UInt8] {
                // Several, so that the file grows more than once.
                for part in 0..<3 {
                    let values = (0..<count / 3).map { Float($0 + part) }
                    try file.root.createDataset("part\(part)", shape: [values.count], values: values)
                }
                return try file.withImage { image in
                    #expect(image.baseAddress.map { Int(bitPattern: $0) % 4096 } == 0)
                    return Array(image)
                }
            }
            let used = try bytes(File(inMemoryNamed: "used", in: memory))
            let fresh = try bytes(File(inMemoryNamed: "fresh"))
            #expect(used == fresh)
        }
    }

    @Test func imageOnDisk() throws {
        try Fixture.withTemporaryFile(sample()) { path in
            let file = try File(opening: path)
            #expect(file.path == path)
            #expect(try file.root.dataset("group/packed").read(as: Float.self) == (0..<200).map { Float($0) })
            #expect(try file.image() == sample())
        }
    }

    #if os(Linux)
        @Test("Processes that this one starts do not inherit the file")
        func keptFromChildren() throws {
            func flags(_ path: String) -> [Int32] {
                (3..<1024).filter { descriptor in
                    let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
                    return link == path
                }.map { fcntl($0, F_GETFD) }
            }
            try Fixture.withTemporaryPath { path in
                let file = try File(creating: path)
                #expect(flags(path) == [FD_CLOEXEC])
                try file.close()
                let opened = try File(opening: path)
                #expect(flags(path) == [FD_CLOEXEC])
                #expect(try opened.root.childNames == [])
            }
        }
    #endif

    @Test func filesInMemoryOfOneNameAreApart() throws {
        let first = try File(inMemoryNamed: "same")
        let second = try File(inMemoryNamed: "same")
        try first.root.createGroup("only here")
        #expect(try second.root.childNames == [])
        #expect(try File(image: first.image(), named: "same").root.childNames == ["only here"])
    }

    @Test func createdOnDisk() throws {
        try Fixture.withTemporaryPath { path in
            let file = try File(creating: path)
            let dataset = try file.root.createDataset("x", shape: [2], values: [Float(1), 2])
            try file.close()
            #expect(throws: HDF5Error.self) { try dataset.read(as: Float.self) }
            #expect(try File(opening: path).root.dataset("x").read(as: Float.self) == [1, 2])
        }
        let error = try hdf5Error { _ = try File(creating: "/nowhere/file.h5") }
        #expect(error.description == "/nowhere/file.h5: cannot create the file: there is no such file")
    }

    @Test func datasetOutlivesFile() throws {
        func dataset() throws -> Dataset { try File(image: sample()).root.dataset("group/table") }
        let table = try dataset()
        #expect(try table.readRows(1..<2, as: Float.self) == (10..<20).map { Float($0) })
    }

    @Test func missingFile() throws {
        let error = try hdf5Error { _ = try File(opening: "/nowhere/file.h5") }
        #expect(error.kind == .noFile)
        #expect(error.function == "H5Fopen")
        #expect(error.description == "/nowhere/file.h5: cannot open the file: there is no such file")
        #expect(!error.frames.isEmpty)
    }

    @Test func directory() throws {
        let error = try hdf5Error { _ = try File(opening: "/tmp") }
        #expect(error.kind == .noFile)
        #expect(error.reason == "it is a directory; name a file")
    }

    @Test func pathThroughFile() throws {
        let error = try hdf5Error { _ = try File(opening: "/etc/passwd/x.h5") }
        #expect(error.reason == "a part of the path is a file, not a directory")
    }

    @Test func otherFormats() throws {
        for bytes in [[], [0x89], Array("a,b\n1,2\n".utf8), [UInt8](repeating: 7, count: 5000)] as [[UInt8]] {
            try Fixture.withTemporaryFile(bytes) { path in
                let error = try hdf5Error { _ = try File(opening: path) }
                #expect(error.kind == .badFile)
                #expect(error.reason == "it is not an HDF5 file")
            }
            #expect(try hdf5Error { _ = try File(image: bytes) }.kind == .badFile)
        }
    }

    @Test func cutOff() throws {
        let image = try sample()
        for length in [8, 20, 50, 95, 96, 200, 600, image.count / 2, image.count - 1] {
            try Fixture.withTemporaryFile(Array(image.prefix(length))) { path in
                let error = try hdf5Error { _ = try File(opening: path) }
                #expect(error.kind == .badFile)
                #expect(error.reason.contains("cut off"), "\(length): \(error.reason) \(error.frames)")
            }
        }
    }

    @Test func lockedByWriter() throws {
        try Fixture.withTemporaryFile(sample()) { path in
            let descriptor = open(path, O_RDWR)
            defer { close(descriptor) }
            #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
            let error = try hdf5Error { _ = try File(opening: path) }
            #expect(error.kind == .locked)
            #expect(error.reason.contains("another process has it open for writing"))
            #expect(error.reason.hasSuffix("set HDF5_USE_FILE_LOCKING=FALSE"))
        }
    }

    @Test func createdTwiceAtOnce() throws {
        try Fixture.withTemporaryPath { path in
            let writer = try File(creating: path)
            #expect(throws: HDF5Error.self) { try File(creating: path) }
            try writer.root.createGroup("kept")
            try writer.close()
            let reader = try File(opening: path)
            #expect(try reader.root.childNames == ["kept"])
            try reader.close()
        }
    }

    @Test func libraryVersionAndFilters() {
        #expect(HDF5Library.version.hasPrefix("1."))
        #expect(HDF5Library.isFilterAvailable(1))
        #expect(!HDF5Library.isFilterAvailable(32000))
        #expect(!HDF5Library.isFilterAvailable(-1))
        #expect(!HDF5Library.isFilterAvailable(1 << 40))
    }

    /// The library has one error stack and one state; calls from many threads must not mix.
    @Test func manyThreads() async throws {
        let image = try sample()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<16 {
                group.addTask {
                    for _ in 0..<20 {
                        let root = try File(image: image).root
                        #expect(try root.dataset("group/packed").readRows(3..<4, as: Float.self)[0] == 30)
                        let error = try hdf5Error { _ = try root.dataset("absent\(index)") }
                        #expect(error.reason == "there is no 'absent\(index)', / holds 'group'")
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
