import Foundation
import HDF5
import Tabular
import Testing

/// What one pass learns of the columns.
@Suite struct HDF5SourceProfileTests {
    @Test(arguments: [1, 3, 70]) func momentsAgreeWithTheirDefinition(_ width: Int) throws {
        // Far from 0, where sums of squares would lose everything.
        let rows = 1_000
        let values = (0..<rows * width).map { 10_000 + Float($0 * 7919 % 1009) / 64 }
        try HDF5Sample.with { root in
            try root.createDataset("x", shape: [rows, width], values: values)
        } _: { path in
            let profile = try HDF5Source(path: path).profile()
            #expect(profile.rowCount == rows)
            for column in 0..<width {
                let own = stride(from: column, to: values.count, by: width).map { Double(values[$0]) }
                let mean = own.reduce(0, +) / Double(rows)
                let variance = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)
                let found = profile.columns[column]
                #expect(abs(found.mean - mean) <= 1e-12 * mean)
                #expect(abs(found.variance - variance) <= 1e-9 * variance)
                #expect(found.range == (own.min() ?? 0)...(own.max() ?? 0))
                #expect(found.numberCount == rows && found.missingCount == 0 && found.textCount == 0)
                #expect(found.levels == nil)
            }
        }
    }

    /// More values than one window takes, and missing ones in some windows only.
    @Test func severalWindows() throws {
        let rows = 2_500_000
        var values = (0..<rows).map { Float($0 % 100) }
        values[5] = .nan
        try HDF5Sample.with { root in
            try root.createDataset("x", shape: [rows], values: values)
        } _: { path in
            let column = try HDF5Source(path: path).profile().columns[0]
            #expect(column.numberCount == rows - 1)
            #expect(column.missingCount == 1)
            #expect(column.integerCount == rows - 1)
            #expect(abs(column.mean - 49.5) < 1e-4)
            #expect(abs(column.variance - 833.25) < 1e-2)
        }
    }

    @Test func targetsAndWeightsHaveLevels() throws {
        try HDF5Sample.with { root in
            try root.createDataset("x", shape: [4, 2], values: [UInt8](0..<8))
            try root.createDataset("y", shape: [4, 2], values: [0, 1, 1, 0, 0, 1, 0, 1] as [Float])
            try root.createDataset("w", shape: [4], values: [0.5, 1, 1, 0.5] as [Double])
        } _: { path in
            let profile = try HDF5Source(path: path, features: "x", targets: "y", weights: "w").profile()
            #expect(profile.columns.map(\.name) == ["x_0", "x_1", "y_0", "y_1", "w"])
            #expect(
                profile.columns.map(\.levels) == [nil, nil, ["0": 3, "1": 1], ["0": 1, "1": 3], ["0.5": 2, "1": 2]])
            #expect(profile.columns.map(\.integerCount) == [4, 4, 4, 4, 2])
            #expect(profile.columns[0].range == 0...6)
        }
    }

    @Test func textsAndFractions() throws {
        try HDF5Sample.with { root in
            try root.createDataset("name", shape: [4], values: ["", "b", "a", "b"])
            try root.createDataset("value", shape: [4], values: [1.5, 2.5, 1.5, 2] as [Float])
        } _: { path in
            let profile = try HDF5Source(path: path).profile()
            let name = profile.columns[0]
            #expect(name.levels == ["a": 1, "b": 2])
            #expect(name.textCount == 3 && name.missingCount == 1 && name.numberCount == 0)
            #expect(name.firstText == .init(line: 2, text: "b"))
            #expect(!name.isNumeric)
            #expect(profile.columns[1].levels == ["1.5": 2, "2.5": 1, "2": 1])
            #expect(profile.columns[1].integerCount == 1)
        }
    }

    /// Stored as h5py does, in a file that the tests of the HDF5 module keep.
    @Test func truthValuesAndEnumerations() throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let path = tests.appending(path: "HDF5Tests/Fixtures/numbers.h5").path()
        let truth = try HDF5Source(path: path, features: "boolean")
        #expect(try truth.profile().columns[0].levels == ["true": 2, "false": 1])
        #expect(try truth.profile().columns[0].textCount == 3)
        let color = try HDF5Source(path: path, features: "color")
        let delivery = try HDF5Delivery(color, text: [.init(column: 0)])
        #expect(delivery.codes == [0, 1, 2, 0])
        #expect(delivery.levels == [["blue", "red", "green"]])
        let error = try #require(throws: TableError.self) { try HDF5Delivery(color, numeric: [0]) }
        #expect(error.message.hasPrefix("expected numbers, and /color is of type enumeration of 3"))
        let reference = try #require(throws: TableError.self) { try HDF5Source(path: path, features: "reference") }
        #expect(
            reference.message.hasPrefix("its elements are of type reference, and a column needs numbers or strings"))
    }

    @Test func tooManyLevels() throws {
        try HDF5Sample.with { root in
            try root.createDataset("a", shape: [70_000], values: (0..<70_000).map { Int32($0) })
            try root.createDataset("b", shape: [70_000], values: (0..<70_000).map { Int32($0 / 2) })
        } _: { path in
            let columns = try HDF5Source(path: path).profile().columns
            #expect(columns[0].levels == nil)
            #expect(columns[1].levels?.count == 35_000)
        }
    }

    private static let datasets = ProcessInfo.processInfo.environment["DESCENT_DATASETS"]

    @Test(.enabled(if: datasets != nil)) func mnist() throws {
        let folder = try #require(Self.datasets)
        let source = try HDF5Source(path: "\(folder)/mnist/train.h5")
        #expect(source.rowCount == 60_000)
        #expect(source.featureColumns == 0..<784)
        let profile = try source.profile()
        #expect(profile.columns[784].levels?.count == 10)
        #expect(profile.columns[784].levels?["0"] == 5_923)
        let mean = profile.columns[0..<784].reduce(0) { $0 + $1.mean } / 784
        #expect(abs(mean - 33.318421) < 1e-5)
        #expect(profile.columns[0..<784].allSatisfy { $0.integerCount == 60_000 && $0.levels == nil })
    }
}
