import Foundation
import TestSupport
import Testing

/// What files declare and where they lead, where they mean harm.
@Suite("HDF5 files that declare what they do not hold, or lead elsewhere")
struct HostileStructureTests {
    let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    private func training(_ path: String, _ options: [String] = []) -> [String] {
        ["train", path, "--layers", "4", "--epochs", "1", "--quiet", "--output", folder.path("model.h5")] + options
    }

    private static func fixture(_ name: String) -> String {
        Datasets.repository.appending(path: "Tests/HDF5Tests/Fixtures/\(name)").path()
    }

    /// Ends in a sentence with these fragments, without taking memory or time for what is declared.
    private func refuse(
        _ path: String, _ fragments: [String], _ options: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let run = try MeasuredRun(training(path, options), in: folder.url)
        #expect(run.fault(naming: path) == nil, sourceLocation: sourceLocation)
        #expect(run.exitCode == 65, "\(run.errors)", sourceLocation: sourceLocation)
        #expect(run.residentBytes < 300 << 20, "\(run.residentBytes >> 20) MiB", sourceLocation: sourceLocation)
        for fragment in fragments {
            #expect(run.errors.contains(fragment), "'\(fragment)': \(run.errors)", sourceLocation: sourceLocation)
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path("model.h5")), sourceLocation: sourceLocation)
    }

    @Test("Extents far beyond what is stored are refused without room being made for them")
    func extents() throws {
        try refuse(Self.fixture("refused.h5"), ["1099511627776 x 784", "holds only 0 bytes"], ["--x", "huge"])
        try refuse(Self.fixture("refused.h5"), ["more elements than can be"], ["--x", "beyond"])
        try refuse(Self.fixture("hostile.h5"), ["1152921504606846976", "holds only 0 bytes"], ["--x", "many"])
        try refuse(Self.fixture("hostile.h5"), ["2147483648 values per row"], ["--x", "wide"])
        try refuse(Self.fixture("hostile.h5"), ["chunks of 3221225472", "h5repack"], ["--x", "vast"])
    }

    @Test("Data in other files are named and not read")
    func otherFiles() throws {
        try refuse(Self.fixture("refused.h5"), ["/external", "other files", "--allow-external"], ["--x", "external"])
        try refuse(Self.fixture("refused.h5"), ["/virtual", "virtual", "--allow-external"], ["--x", "virtual"])
        try refuse(Self.fixture("links.h5"), ["external link", "numbers.h5"], ["--x", "outside"])
        try refuse(Self.fixture("links.h5"), ["around", "cannot open the dataset"], ["--x", "around"])
    }

    @Test("Files that are followed to may be anything", arguments: ["/etc/hostname", "/dev/null", "/nowhere.h5"])
    func followed(_ target: String) throws {
        var image = try bytes(Examples.fixture("external.h5"))
        let place = try #require(image.firstRange(of: Data("/etc/hostname\0".utf8)))
        image.replaceSubrange(
            place, with: Data(target.utf8) + Data(count: place.count - target.utf8.count))
        let path = try folder.write(image, to: "table.h5")
        let run = try MeasuredRun(
            training(path, ["--x", "x", "--y", "y", "--allow-external"]), in: folder.url)
        #expect(run.fault(naming: path) == nil)
        #expect(run.exitCode != 0)
    }

    @Test("Groups that hold one another, and links that lead in a circle, hold nobody up")
    func cycles() throws {
        let path = Examples.fixture("cycles.h5")
        try Command.succeed(training(path))
        let listing = try Command.succeed(["inspect", path])
        #expect(listing.output.contains("again"))
        try Command.succeed(training(path, ["--x", "through", "--y", "y"]))
        try FileManager.default.removeItem(atPath: folder.path("model.h5"))
        try refuse(path, ["soft"], ["--x", "soft", "--y", "y"])
    }

    @Test(
        "A filter that this library lacks is named",
        arguments: [(32001, "Blosc"), (32004, "LZ4"), (32015, "Zstandard"), (307, "bzip2")])
    func filters(_ number: Int, _ name: String) throws {
        var image = try bytes(Examples.fixture("lzf.h5"))
        // The number, the length of the name, flags, and the count of parameters, then the name.
        let text = try #require(image.firstRange(of: Data("lzf\0".utf8)))
        let place = text.lowerBound - 8
        try #require(image[place] == 0x00 && image[place + 1] == 0x7D)
        image[place] = UInt8(number & 0xFF)
        image[place + 1] = UInt8(number >> 8)
        try refuse(folder.write(image, to: "table.h5"), ["\(number) (\(name))", "HDF5_PLUGIN_PATH"])
    }

    @Test("A shuffle of elements that are larger than the chunk")
    func shuffle() throws {
        let table = try folder.write(Examples.table(), to: "table.csv")
        let path = folder.path("table.h5")
        try Command.succeed(["convert", table, path, "--compression", "gzip:1", "--quiet"])
        var image = try bytes(path)
        let name = Data("shuffle\0".utf8)
        var places = 0
        var rest = image.startIndex..<image.endIndex
        while let found = image[rest].firstRange(of: name) {
            image.replaceSubrange(found.upperBound..<found.upperBound + 4, with: Data(repeating: 0xFF, count: 4))
            rest = found.upperBound..<image.endIndex
            places += 1
        }
        try #require(places > 0)
        let hostile = try folder.write(image, to: "hostile.h5")
        #expect(try MeasuredRun(training(hostile, ["--target", "kind"]), in: folder.url).fault(naming: hostile) == nil)
    }

    /// Found among the mutants of `HostileHDF5Tests`: libhdf5 1.10.8 dies of them, or does not come to an end.
    @Test(
        "What the library falls over is met in a child, and named",
        arguments: [
            ("TabularTests/Fixtures/pandas_two.h5", 4432, [108], "crashed"),
            ("TabularTests/Fixtures/pandas_two.h5", 17374, [0, 16], "crashed"),
            ("TabularTests/Fixtures/pandas_fixed.h5", 30432, [0, 0, 0, 0, 0, 0, 0, 128], "crashed"),
            ("DescentCommandTests/Fixtures/texts.h5", 7624, [56, 21], "crashed"),
            ("HDF5Tests/Fixtures/links.h5", 1832, [0, 0, 0, 0, 1, 0, 0, 0], "crashed"),
            ("ModelFileTests/Fixtures/keras2_mlp.h5", 4970, [UInt8](repeating: 0, count: 231), "in reasonable time"),
        ] as [(String, Int, [UInt8], String)])
    func libraryFaults(_ fixture: String, _ place: Int, _ change: [UInt8], _ harm: String) throws {
        var image = try bytes(Datasets.repository.appending(path: "Tests/\(fixture)").path())
        image.replaceSubrange(place..<place + change.count, with: change)
        let path = try folder.write(image, to: "file.h5")
        let run = try MeasuredRun(["inspect", path], in: folder.url)
        #expect(run.fault(naming: path) == nil)
        // Another library may be none the worse for it.
        if run.exitCode == 65 {
            #expect(run.errors.contains("the HDF5 library") && run.errors.contains(harm), "\(run.errors)")
        }
    }

    @Test("A floating-point number with more bits than it has room for")
    func mantissa() throws {
        var image = try bytes(Datasets.repository.appending(path: "Tests/TabularTests/Fixtures/records.h5").path())
        try #require(image[1923] == 23)
        image[1923] = 92
        let path = try folder.write(image, to: "table.h5")
        try refuse(path, ["more bits than their 32"], ["--x", "events/particles", "--target", "flag"])
    }

    @Test("A file that another process has locked")
    func locked() throws {
        let path = try folder.write(bytes(Examples.fixture("cycles.h5")), to: "table.h5")
        let descriptor = open(path, O_RDWR)
        defer { close(descriptor) }
        try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        try Command.fail(74, naming: [path, "another process", "HDF5_USE_FILE_LOCKING=FALSE"], training(path))
    }
}
