import HDF5
import Tabular
import Testing

/// Which datasets make up the table.
@Suite struct HDF5SourceLayoutTests {
    private func matrix(_ root: Group, _ name: String, _ shape: [Int]) throws {
        let count = shape.reduce(1, *)
        try root.createDataset(name, shape: shape, values: (0..<count).map { Float($0) })
    }

    @Test(arguments: [
        ("/x", "/y"), ("/X", "/y"), ("/features", "/labels"), ("/data", "/label"), ("/train/x", "/train/y"),
        ("/x_train", "/y_train"), ("/inputs", "/targets"),
    ])
    func usualNames(_ x: String, _ y: String) throws {
        try HDF5Sample.with { root in
            try matrix(root, x, [3, 2])
            try matrix(root, y, [3])
        } _: { path in
            let source = try HDF5Source(path: path)
            let xName = try #require(x.split(separator: "/").last)
            let yName = try #require(y.split(separator: "/").last)
            #expect(source.name == path)
            #expect(source.layout == .matrices)
            #expect(source.columnNames == ["\(xName)_0", "\(xName)_1", "\(yName)"])
            #expect(source.featureColumns == 0..<2)
            #expect(source.targetColumns == 2..<3)
            #expect(source.weightColumn == nil)
            #expect(source.rowCount == 3)
            #expect(source.notes == ["\(path): features are \(x), targets are \(y) (guessed; --x PATH --y PATH)"])
        }
    }

    @Test func featuresAlone() throws {
        try HDF5Sample.with {
            try matrix($0, "x", [3, 2])
        } _: { path in
            let source = try HDF5Source(path: path)
            #expect(source.targetColumns.isEmpty)
            #expect(source.notes == ["\(path): features are /x, no targets (guessed; --x PATH --y PATH)"])
        }
    }

    @Test func namedDatasets() throws {
        try HDF5Sample.with { root in
            for name in ["a/values", "b/values", "w"] { try matrix(root, name, name == "w" ? [4] : [4, 2]) }
        } _: { path in
            let source = try HDF5Source(path: path, features: "a/values", targets: "/b/values", weights: "w")
            #expect(source.columnNames == ["a/values_0", "a/values_1", "b/values_0", "b/values_1", "w"])
            #expect(source.targetColumns == 2..<4)
            #expect(source.weightColumn == 4)
            #expect(source.notes.isEmpty)
        }
    }

    @Test func oneNamedAndOneGuessed() throws {
        try HDF5Sample.with { root in
            for name in ["x", "y", "features", "labels"] { try matrix(root, name, [4]) }
        } _: { path in
            let byFeatures = try HDF5Source(path: path, features: "features")
            #expect(byFeatures.columnNames == ["features", "labels"])
            #expect(byFeatures.notes == ["\(path): targets are /labels (guessed; --y PATH)"])
            let byTargets = try HDF5Source(path: path, targets: "/labels")
            #expect(byTargets.columnNames == ["features", "labels"])
            #expect(byTargets.notes == ["\(path): features are /features (guessed; --x PATH)"])
        }
    }

    @Test func flattenedAndSqueezed() throws {
        try HDF5Sample.with { root in
            try matrix(root, "x", [5, 4, 3])
            try matrix(root, "y", [5, 1])
        } _: { path in
            let source = try HDF5Source(path: path)
            #expect(source.featureColumns == 0..<12)
            #expect(source.columnNames.last == "y")
            #expect(source.notes.contains("\(path): /x of shape 5 x 4 x 3 is flattened to 12 columns"))
            #expect(source.notes.contains("\(path): /y of shape 5 x 1 is taken as one column"))
        }
    }

    @Test(arguments: ["", "table/"]) func columnGroup(_ prefix: String) throws {
        try HDF5Sample.with { root in
            try matrix(root, prefix + "age", [3])
            try root.createDataset(prefix + "name", shape: [3], values: ["a", "b", "a"])
            try matrix(root, prefix + "matrix", [3, 2])
        } _: { path in
            let source = try HDF5Source(path: path)
            #expect(source.layout == .columnGroup)
            #expect(source.columnNames == ["age", "name"])
            #expect(source.featureColumns.isEmpty && source.targetColumns.isEmpty && source.weightColumn == nil)
            let group = prefix.isEmpty ? "/" : "/table"
            #expect(
                source.notes == [
                    "\(path): the columns are the datasets of \(group) (guessed; --x PATH --y PATH)",
                    "\(path): left out, because not a column: 'matrix'",
                ])
            #expect(try HDF5Source(path: path, features: group).columnNames == ["age", "name"])
        }
    }

    // MARK: - What does not make a table

    @Test func rowCountsDiffer() throws {
        let error = try HDF5Sample.error { root in
            try matrix(root, "x", [3, 2])
            try matrix(root, "y", [4])
        }
        #expect(error.kind == .badData)
        #expect(error.column == "/y")
        #expect(error.message.hasPrefix("it has 4 rows and /x has 3: make the row counts equal"))
        #expect(error.message.hasSuffix("it holds /x (3 x 2, float32), /y (4, float32)"))
    }

    @Test func columnLengthsDiffer() throws {
        let error = try HDF5Sample.error { root in
            try matrix(root, "a", [3])
            try matrix(root, "b", [4])
        }
        #expect(error.message.hasPrefix("it has 4 rows and /a has 3"))
    }

    @Test(arguments: [([], "it is a single value"), ([0, 3], "it has no rows"), ([3, 0], "its rows are empty")])
    func unusableShape(_ shape: [Int], _ message: String) throws {
        let error = try HDF5Sample.error { try matrix($0, "x", shape) }
        #expect(error.kind == .badData)
        #expect(error.message.hasPrefix(message))
        #expect(error.message.contains("--x PATH --y PATH"))
    }

    @Test func nothingUsable() throws {
        let error = try HDF5Sample.error { try matrix($0, "deep/er/table", [3, 2]) }
        #expect(error.kind == .badData)
        #expect(error.message.contains("name them with --x PATH --y PATH; it holds /deep/er/table (3 x 2, float32)"))
        #expect(try HDF5Sample.error { _ in }.message.hasSuffix("it holds no dataset"))
    }

    @Test func namedButAbsent() throws {
        let error = try HDF5Sample.error(x: "/q") { try matrix($0, "x", [3, 2]) }
        #expect(error.kind == .badRequest)
        #expect(error.column == "/q")
        #expect(error.message.contains("there is no 'q', / holds 'x'"))
        let targets = try HDF5Sample.error(y: "/q") { try matrix($0, "q", [3]) }
        #expect(targets.kind == .badRequest)
        #expect(targets.message.hasPrefix("the targets are named (--y /q) and the features are not"))
    }

    @Test func weightsWithSeveralColumns() throws {
        let error = try HDF5Sample.error(w: "w") { root in
            for name in ["x", "w"] { try matrix(root, name, [3, 2]) }
        }
        #expect(error.message.hasPrefix("it has 2 values per row, and a row has one weight"))
    }

    @Test func unreadableFiles() throws {
        let missing = try #require(throws: TableError.self) { try HDF5Source(path: "/nowhere/x.h5") }
        #expect(missing.kind == .noInput)
        #expect(missing.description == "/nowhere/x.h5: cannot open the file: there is no such file")
        try HDF5Sample.withBytes(Array("a,b\n1,2\n".utf8)) { path in
            let error = try #require(throws: TableError.self) { try HDF5Source(path: path) }
            #expect(error.kind == .badData)
            #expect(error.message == "cannot open the file: it is not an HDF5 file")
        }
        let image = try File(inMemoryNamed: "cut").image()
        try HDF5Sample.withBytes(Array(image.dropLast(100))) { path in
            let error = try #require(throws: TableError.self) { try HDF5Source(path: path) }
            #expect(error.kind == .badData)
            #expect(error.message.contains("cut off"))
        }
    }
}
