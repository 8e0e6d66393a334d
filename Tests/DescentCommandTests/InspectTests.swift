import Descent
import Foundation
import HDF5
import TestSupport
import Testing

@Suite("descent inspect")
struct InspectTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("A CSV: rows, columns, and what each holds")
    func csv() throws {
        let path = try directory.write("id,size,kind\n1,2.5,x\n2,NA,y\n3,4.5,x\n", to: "table.csv")
        let result = try Command.succeed(["inspect", path])
        let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(lines[0] == ["3", "rows,", "3", "columns"])
        #expect(lines[2] == ["0", "id", "integer", "0", "3", "1.0000", "2.0000", "3.0000"])
        #expect(lines[3] == ["1", "size", "number", "1", "2", "2.5000", "3.5000", "4.5000"])
        #expect(lines[4] == ["2", "kind", "text", "0", "2"])
        #expect(result.errors == "")
    }

    @Test("A CSV with another separator and no header")
    func format() throws {
        let path = try directory.write("1|2\n3|4\n", to: "table.csv")
        let result = try Command.succeed(["inspect", path, "--separator", "|", "--header", "no"])
        #expect(result.output.contains("2 rows, 2 columns"))
    }

    @Test("An HDF5 file: its tree, and what it is as a table")
    func hdf5() throws {
        let file = try File(inMemoryNamed: "table")
        try file.root.createDataset("deep/below", shape: [], values: [Int64(1)])
        try file.root.createDataset("x", shape: [4, 2], values: (0..<8).map(Float.init))
        try file.root.createDataset("y", shape: [4], values: [Int32(0), 1, 0, 1])
        let path = try directory.write(Data(file.image()), to: "table.h5")
        let result = try Command.succeed(["inspect", path])
        let lines = result.output.split(separator: "\n").map(String.init)
        #expect(lines[0] == "deep/")
        #expect(lines[1].hasPrefix("  below  scalar"))
        #expect(lines[2].hasPrefix("x  4 x 2"))
        #expect(lines[3].hasPrefix("y  4"))
        #expect(result.output.contains("4 rows, 3 columns"))
    }

    @Test("A model: layers, shapes, parameters, schema, history and settings")
    func model() throws {
        let path = directory.path("model.h5")
        try Command.succeed([
            "train", Examples.iris, "--target", "species", "--layers", "7", "--activation", "tanh", "--epochs", "2",
            "--seed", "11", "--quiet", "--output", path,
        ])
        let output = try Command.succeed(["inspect", path]).output
        for fragment in [
            "dense, tanh", "59 parameters", "predictions: softmax of the outputs",
            "target: 'species', one of 3 classes: 'setosa', 'versicolor', 'virginica'", "features: 4 columns, 4 inputs",
            "  petal_width: number", "\"seed\":11",
        ] {
            #expect(output.contains(fragment), "\(fragment)")
        }
        let model = try Model(contentsOf: path)
        let loss = try #require(model.history.last?["val_loss"])
        #expect(output.contains(String(format: "%.4f", loss)))
    }

    @Test("A model that Keras wrote has no schema")
    func keras() throws {
        let output = try Command.succeed(["inspect", Examples.keras("keras3_mlp.h5")]).output
        #expect(output.contains("78 parameters"))
        #expect(output.contains("no schema"))
    }
}
