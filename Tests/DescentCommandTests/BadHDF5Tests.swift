import Foundation
import HDF5
import TestSupport
import Testing

@Suite("Bad HDF5 files end in a sentence and an exit code")
struct BadHDF5Tests {
    let input: TemporaryDirectory
    let output: TemporaryDirectory

    init() throws {
        input = try TemporaryDirectory()
        output = try TemporaryDirectory()
    }

    private func file(_ fill: (Group) throws -> Void) throws -> String {
        let file = try File(inMemoryNamed: "table")
        try fill(file.root)
        return try input.write(Data(file.image()), to: "table.h5")
    }

    private func training(_ path: String) -> [String] {
        ["train", path, "--layers", "4", "--epochs", "1", "--quiet", "--output", output.path("model.h5")]
    }

    private func refuse(
        _ path: String, _ exitCode: Int32 = 65, _ fragments: [String] = [], options: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try Command.fail(
            exitCode, naming: [path] + fragments, training(path) + options, sourceLocation: sourceLocation)
        #expect(try output.contents == [], sourceLocation: sourceLocation)
    }

    private static let labels = (0..<40).map { Int32($0 % 3) }
    private static let features = (0..<80).map(Float.init)

    @Test("The same table without a fault trains")
    func sound() throws {
        let path = try file { root in
            try root.createDataset("x", shape: [40, 2], values: Self.features)
            try root.createDataset("y", shape: [40], values: Self.labels)
        }
        try Command.succeed(training(path))
        #expect(try output.contents == ["model.h5"])
    }

    @Test("A file that is cut short", arguments: [1, 7, 8, 100, 500, 1000, 2000, -1])
    func truncated(_ length: Int) throws {
        let file = try File(inMemoryNamed: "table")
        try file.root.createDataset("x", shape: [40, 2], values: Self.features)
        try file.root.createDataset("y", shape: [40], values: Self.labels)
        let image = try file.image()
        let kept = length < 0 ? image.count + length : length
        try #require(kept < image.count)
        try refuse(input.write(Data(image.prefix(kept)), to: "cut.h5"))
        try Command.fail(65, naming: [input.path("cut.h5")], ["inspect", input.path("cut.h5")])
    }

    @Test("Something else that is called .h5", arguments: ["", "a,b\n1,2\n", "\u{89}HDF\r\n"])
    func notHDF5(_ text: String) throws {
        try refuse(input.write(text, to: "table.h5"))
    }

    @Test("A scalar is no table")
    func scalar() throws {
        let path = try file { root in
            try root.createDataset("x", shape: [], values: [Float(1)])
            try root.createDataset("y", shape: [40], values: Self.labels)
        }
        try refuse(path, options: ["--x", "x", "--y", "y"])
    }

    @Test("Features and targets have equally many rows")
    func rowCounts() throws {
        let path = try file { root in
            try root.createDataset("x", shape: [40, 2], values: Self.features)
            try root.createDataset("y", shape: [39], values: Array(Self.labels.dropLast()))
        }
        try refuse(path, 65, ["40", "39"])
    }

    @Test("No rows at all")
    func noRows() throws {
        let path = try file { root in
            try root.createDataset("x", shape: [0, 2], values: [Float]())
            try root.createDataset("y", shape: [0], values: [Int32]())
        }
        try refuse(path)
    }

    @Test("A value that is not finite is named with its row", arguments: [Float.infinity, -.infinity])
    func infinite(_ value: Float) throws {
        var features = Self.features
        features[33] = value
        let path = try file { root in
            try root.createDataset("x", shape: [40, 2], values: features)
            try root.createDataset("y", shape: [40], values: Self.labels)
        }
        try refuse(path, 65, ["16"])
    }

    @Test("A number beyond single precision is named with its row")
    func beyondFloat() throws {
        var features = Self.features.map(Double.init)
        features[33] = 1e39
        let path = try file { root in
            try root.createDataset("x", shape: [40, 2], values: features)
            try root.createDataset("y", shape: [40], values: Self.labels)
        }
        try refuse(path, 65, ["16"])
    }

    @Test("NaN is missing")
    func missing() throws {
        var features = Self.features
        features[33] = .nan
        let path = try file { root in
            try root.createDataset("x", shape: [40, 2], values: features)
            try root.createDataset("y", shape: [40], values: Self.labels)
        }
        let result = try Command.succeed(training(path).filter { $0 != "--quiet" })
        #expect(result.errors.contains("missing values in 1 row filled in"))
    }

    @Test("A path that is not there")
    func unknownPath() throws {
        let path = try file { root in
            try root.createDataset("x", shape: [40, 2], values: Self.features)
            try root.createDataset("y", shape: [40], values: Self.labels)
        }
        let result = try Command.run(training(path) + ["--x", "train/x"])
        #expect([64, 65].contains(result.exitCode))
        #expect(result.failure?.contains("train/x") == true)
        #expect(try output.contents == [])
    }

    @Test("A group where a dataset is expected, and a file without any")
    func noDatasets() throws {
        try refuse(file { root in try root.createGroup("x") })
        try refuse(file { _ in })
    }

    @Test("A filter that this library lacks is named")
    func unknownFilter() throws {
        try refuse(Examples.fixture("lzf.h5"), 65, ["lzf"])
    }

    @Test("A link into another file is not followed")
    func externalLink() throws {
        try refuse(Examples.fixture("external.h5"), 65, [], options: ["--x", "x", "--y", "y"])
    }

    @Test("A model is no table")
    func model() throws {
        let model = try Examples.model(in: input)
        let result = try Command.run(training(model))
        #expect([64, 65].contains(result.exitCode), "\(result.errors)")
        #expect(result.failure?.contains(model) == true)
        #expect(try output.contents == [])
    }
}
