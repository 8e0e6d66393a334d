import HDF5
import LinearAlgebra
import ModelFile
import NeuralNetwork
import Tabular
import TestSupport
import Testing

@Suite("Files that are no models, or bad ones")
struct HostileModelTests {
    /// Two dense layers as Keras describes them, with room for faults.
    struct Sketch {
        var firstLayer: JSONValue = [
            "class_name": "Dense", "config": ["name": "a", "units": 3, "activation": "relu", "use_bias": true],
        ]
        var input: JSONValue = [
            "class_name": "InputLayer", "config": ["name": "in", "batch_input_shape": [nil, 2]],
        ]
        var kernel: [Float] = [1, 2, 3, 4, 5, 6]
        var kernelShape = [2, 3]
        var biasShape = [3]
        var configuration: String?
        var layerNames = ["a"]
        var weightNames = ["a/kernel:0", "a/bias:0"]

        func fill(_ root: Group) throws {
            let config: JSONValue = [
                "class_name": "Sequential", "config": ["name": "net", "layers": [input, firstLayer]],
            ]
            try root.attributes.write(configuration ?? config.text, to: "model_config")
            let weights = try root.createGroup("model_weights")
            try weights.attributes.write(layerNames, to: "layer_names")
            let layer = try weights.createGroup("a")
            try layer.attributes.write(weightNames, to: "weight_names")
            try layer.createDataset("a/kernel:0", shape: kernelShape, values: kernel)
            try layer.createDataset(
                "a/bias:0", shape: biasShape, values: [Float](repeating: 0.5, count: biasShape.reduce(1, *)))
        }

        /// The message of the error that reading it gives.
        func refusal(sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
            let error = try ModelFiles.refusal(sourceLocation: sourceLocation, fill)
            #expect(error.kind == .badData, sourceLocation: sourceLocation)
            #expect(error.description.contains("model.h5"), sourceLocation: sourceLocation)
            return error.message
        }
    }

    @Test("Without a fault it reads")
    func sound() throws {
        let file = try File(inMemoryNamed: "model")
        try Sketch().fill(file.root)
        let model = try ModelFiles.read(file.image())
        #expect(model.predictions([[[1, -1]]]) == [0, 0, 0])
        #expect(model.predictions([[[1, 1]]]) == [5.5, 7.5, 9.5])
    }

    @Test("Something else")
    func somethingElse() throws {
        let directory = try TemporaryDirectory()
        func refusal(_ path: String) throws -> ModelError {
            try #require(throws: ModelError.self) { _ = try Model(contentsOf: path) }
        }
        let missing = try refusal(directory.path("no.h5"))
        #expect(missing.kind == .noInput)
        #expect(missing.description.contains("no.h5"))
        #expect(try refusal(directory.path).kind == .noInput || refusal(directory.path).kind == .badData)
        #expect(try refusal(directory.write("", to: "empty.h5")).kind == .badData)
        #expect(try refusal(directory.write("a,b\n1,2\n", to: "table.csv")).description.contains("table.csv"))
        #expect(try ModelFiles.refusal { _ in }.message.contains("not a model"))
        #expect(
            try ModelFiles.refusal { try $0.createDataset("x", shape: [1], values: [Float(1)]) }.message
                .contains("not a model"))
        #expect(
            try ModelFiles.refusal { try $0.attributes.write("{}", to: "model_config") }.message
                .contains("not a model"))
    }

    @Test(
        "A configuration that is none",
        arguments: [
            "", "{", "[]", "nul", "{}", "{\"class_name\":\"Sequential\"}", "{\"class_name\":1,\"config\":{}}",
            "{\"class_name\":\"Sequential\",\"config\":{}}",
            "{\"class_name\":\"Sequential\",\"config\":{\"layers\":[]}}",
            "{\"class_name\":\"Sequential\",\"config\":{\"layers\":[1]}}",
            "{\"class_name\":\"Functional\",\"config\":{\"layers\":[]}}",
            "{\"class_name\":\"Functional\",\"config\":{\"layers\":{}}}",
        ])
    func configuration(_ text: String) throws {
        var sketch = Sketch()
        sketch.configuration = text
        _ = try sketch.refusal()
    }

    @Test("A configuration nested a hundred thousand deep", arguments: ["[", "{\"config\":"])
    func nesting(_ opening: String) throws {
        var sketch = Sketch()
        sketch.configuration =
            "{\"class_name\":\"Sequential\",\"config\":" + String(repeating: opening, count: 100_000)
        _ = try sketch.refusal()
        let closing = opening == "[" ? "]" : "}"
        sketch.configuration =
            "{\"class_name\":\"Sequential\",\"config\":" + String(repeating: opening, count: 100_000) + "1"
            + String(repeating: closing, count: 100_001)
        _ = try sketch.refusal()
    }

    @Test("A model of another kind is named")
    func kind() throws {
        var sketch = Sketch()
        sketch.configuration = "{\"class_name\":\"MyModel\",\"config\":{\"layers\":[]}}"
        #expect(try sketch.refusal().contains("'MyModel'"))
    }

    /// A layer that is not understood, and what the message must name.
    struct LayerFault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let layer: JSONValue
        let fragments: [String]

        init(_ description: String, _ layer: JSONValue, _ fragments: String...) {
            testDescription = description
            self.layer = layer
            self.fragments = fragments
        }
    }

    private static func dense(_ key: String, _ value: JSONValue) -> JSONValue {
        guard case .object(var config)? = Sketch().firstLayer["config"] else { return .null }
        config[key] = value
        return ["class_name": "Dense", "config": .object(config)]
    }

    static let layerFaults = [
        LayerFault("unknown class", ["class_name": "LSTM", "config": ["name": "a"]], "'a'", "'LSTM'"),
        LayerFault("unknown activation", dense("activation", "mish"), "'a'", "'mish'"),
        LayerFault("activation with a name in an object", dense("activation", ["class_name": "Own"]), "'a'", "'Own'"),
        LayerFault("no units", dense("units", nil), "'a'", "units"),
        LayerFault("units 0", dense("units", 0), "'a'", "units"),
        LayerFault("units below 0", dense("units", -3), "'a'", "units"),
        LayerFault("half a unit", dense("units", 2.5), "'a'", "units"),
        LayerFault("units as text", dense("units", "3"), "'a'", "units"),
        LayerFault("units beyond integers", dense("units", 1e300), "'a'", "units"),
        LayerFault("units beyond BLAS", dense("units", 2_147_483_648), "'a'", "units"),
        LayerFault("more parameters than fit", dense("units", 2_147_483_647), "parameters"),
        LayerFault("a billion units", dense("units", 1_000_000_000), "'a/kernel'"),
        LayerFault("constraint", dense("kernel_constraint", ["class_name": "NonNeg"]), "'a'", "kernel_constraint"),
        LayerFault("regularizer", dense("kernel_regularizer", ["class_name": "Orthogonal"]), "'a'", "regularizer"),
        LayerFault("name with a slash", dense("name", "a/b"), "'a/b'"),
        LayerFault("no name", ["class_name": "Dense", "config": ["units": 3]], "name"),
        LayerFault("no config", ["class_name": "Dense"], "config"),
        LayerFault("no class", ["config": ["name": "a"]], "class_name"),
        LayerFault("rate of 1", ["class_name": "Dropout", "config": ["name": "a", "rate": 1]], "'a'", "rate"),
        LayerFault(
            "slope below 0", ["class_name": "LeakyReLU", "config": ["name": "a", "alpha": -1]], "'a'", "-1"),
        LayerFault(
            "clipped ReLU", ["class_name": "ReLU", "config": ["name": "a", "max_value": 6]], "'a'", "maximum"),
        LayerFault(
            "softmax along rows", ["class_name": "Softmax", "config": ["name": "a", "axis": 0]], "'a'", "axis 0"),
        LayerFault("sum of one", ["class_name": "Add", "config": ["name": "a"]], "'a'"),
    ]

    @Test("A layer that is not understood is named", arguments: layerFaults)
    func layer(_ fault: LayerFault) throws {
        var sketch = Sketch()
        sketch.firstLayer = fault.layer
        let message = try sketch.refusal()
        for fragment in fault.fragments { #expect(message.contains(fragment), "\(message)") }
    }

    @Test(
        "An input that is no row of numbers",
        arguments: [
            [nil], [nil, 2, 2], [nil, nil], [nil, 0], [nil, -2], [nil, 2.5], [nil, 1e300], [nil, 4_294_967_296], 7,
        ] as [JSONValue])
    func input(_ shape: JSONValue) throws {
        var sketch = Sketch()
        sketch.input = ["class_name": "InputLayer", "config": ["name": "in", "batch_input_shape": shape]]
        #expect(try sketch.refusal().contains("in"))
    }

    @Test("Weights that do not fit", arguments: [[3, 2], [6], [1, 6], [2, 3, 1]])
    func shape(_ shape: [Int]) throws {
        var sketch = Sketch()
        sketch.kernelShape = shape
        let message = try sketch.refusal()
        #expect(message.contains("kernel:0") && message.contains("[2, 3]"), "\(message)")
    }

    @Test("Weights that are not finite", arguments: [Float.nan, .infinity, -.infinity])
    func notFinite(_ value: Float) throws {
        var sketch = Sketch()
        sketch.kernel[4] = value
        let message = try sketch.refusal()
        #expect(message.contains("kernel:0") && message.contains("not finite"), "\(message)")
    }

    @Test("Weights too few, too many, or not there")
    func count() throws {
        var sketch = Sketch()
        sketch.weightNames = ["a/kernel:0"]
        #expect(try sketch.refusal().contains("1 weights"))
        sketch.weightNames = ["a/kernel:0", "a/bias:0", "a/bias:0"]
        #expect(try sketch.refusal().contains("3 weights"))
        sketch.weightNames = ["a/kernel:0", "a/gamma:0"]
        _ = try sketch.refusal()
        sketch = Sketch()
        sketch.layerNames = []
        #expect(try sketch.refusal().contains("0 weights"))
        sketch.layerNames = ["nowhere"]
        _ = try sketch.refusal()
        sketch.layerNames = ["../a"]
        _ = try sketch.refusal()
    }

    // MARK: Graphs

    private func functional(_ layers: [JSONValue], output: JSONValue = [["c", 0, 0]]) throws -> Model {
        let inputs = layers.filter { $0["class_name"] == "InputLayer" }.compactMap { $0["name"] }
        let config: JSONValue = [
            "class_name": "Functional",
            "config": [
                "name": "net", "layers": .array(layers), "input_layers": .array(inputs.map { [$0, 0, 0] }),
                "output_layers": output,
            ],
        ]
        let file = try File(inMemoryNamed: "model")
        try file.root.attributes.write(config.text, to: "model_config")
        let weights = try file.root.createGroup("model_weights")
        try weights.attributes.write([Double](), to: "layer_names")
        return try ModelFiles.read(file.image())
    }

    private func layer(_ className: String, _ name: String, _ inputs: [String]) -> JSONValue {
        [
            "class_name": .string(className), "name": .string(name),
            "config": ["name": .string(name), "activation": "relu", "batch_input_shape": [nil, 2]],
            "inbound_nodes": inputs.isEmpty ? [] : [.array(inputs.map { [.string($0), 0, 0, [:]] })],
        ]
    }

    @Test("Layers may be listed before those they take")
    func forwardReference() throws {
        let model = try functional([
            layer("Add", "c", ["b", "a"]), layer("Activation", "b", ["a"]), layer("Activation", "a", ["in"]),
            layer("InputLayer", "in", []),
        ])
        #expect(model.predictions([[[3, -1]]]) == [6, 0])
    }

    @Test("Cycles, layers that are not there, several outputs, layers used twice")
    func wrongGraphs() throws {
        func refusal(_ layers: [JSONValue], output: JSONValue = [["c", 0, 0]]) throws -> String {
            try #require(throws: ModelError.self) { _ = try functional(layers, output: output) }.message
        }
        let input = layer("InputLayer", "in", [])
        let a = layer("Activation", "a", ["in"])
        #expect(try refusal([input, layer("Add", "c", ["c", "in"])]).contains("'c'"))
        #expect(try refusal([input, layer("Add", "c", ["b", "in"]), layer("Activation", "b", ["c"])]).contains("'c'"))
        #expect(try refusal([input, layer("Activation", "c", ["nowhere"])]).contains("'c'"))
        #expect(try refusal([input, a], output: [["nowhere", 0, 0]]).contains("output"))
        #expect(try refusal([input, a], output: []).contains("0 outputs"))
        #expect(try refusal([input, a], output: [["a", 0, 0], ["in", 0, 0]]).contains("2 outputs"))
        #expect(try refusal([input, a, a], output: [["a", 0, 0]]).contains("'a'"))
        #expect(throws: ModelError.self) { _ = try functional([input, input, a], output: [["a", 0, 0]]) }
        var twice = a
        guard case .object(var members) = twice else { return }
        members["inbound_nodes"] = [[["in", 0, 0, [:]]], [["in", 0, 0, [:]]]]
        twice = .object(members)
        #expect(try refusal([input, twice], output: [["a", 0, 0]]).contains("2 times"))
        let narrow: JSONValue = [
            "class_name": "InputLayer", "name": "n", "config": ["name": "n", "batch_input_shape": [nil, 3]],
        ]
        #expect(try refusal([input, narrow, layer("Add", "c", ["in", "n"])]).contains("'c'"))
    }

    // MARK: /descent

    private func withDescent(isSealed: Bool = true, _ fill: (Group) throws -> Void) throws -> ModelError {
        try ModelFiles.refusal(isSealed: isSealed) { root in
            try Sketch().fill(root)
            try fill(try root.createGroup("descent"))
        }
    }

    @Test("A newer format is not guessed at")
    func version() throws {
        let error = try withDescent { try $0.attributes.write(Int64(3), to: "format_version") }
        #expect(error.message.contains("newer Descent") && error.message.contains("format 3"))
        #expect(try withDescent { _ in }.kind == .badData)
    }

    @Test("Without its checksum it is not used, whatever version it claims to be", arguments: [0, 1, 2] as [Int64])
    func unsealed(version: Int64) throws {
        let error = try withDescent(isSealed: false) { try $0.attributes.write(version, to: "format_version") }
        #expect(error.message.contains("has lost the checksum"))
    }

    @Test("Preprocessing that does not fit the network")
    func encoding() throws {
        func encoding(features: Int, classes: Int = 3, factors: Int? = nil) -> TableEncoding {
            let schema = Schema(
                features: (0..<features).map { Schema.Feature(column: "f\($0)", kind: .number) },
                target: .classes(column: "t", labels: (0..<classes).map { "c\($0)" }))
            var scaling = FeatureScaling(identity: features)
            scaling.factors = Array(repeating: 1, count: factors ?? features)
            return TableEncoding(schema: schema, scaling: scaling)
        }
        func write(_ encoding: TableEncoding) throws -> [UInt8] {
            var model = Graph(inputs: 2) { Dense(3) }.model(30, outputActivation: .softmax)
            model.encoding = encoding
            return try model.image()
        }
        let sound = try ModelFiles.read(write(encoding(features: 2)))
        #expect(sound.encoding == encoding(features: 2))
        for wrong in [
            encoding(features: 1), encoding(features: 3), encoding(features: 2, classes: 2),
            encoding(features: 2, classes: 4), encoding(features: 2, factors: 1), encoding(features: 2, factors: 3),
        ] {
            let image = try write(wrong)
            let error = try #require(throws: ModelError.self) { _ = try ModelFiles.read(image) }
            #expect(error.message.contains("does not fit its network"))
        }
    }

    @Test("Text that is not what it should be", arguments: ["encoding", "history", "settings"])
    func text(_ name: String) throws {
        for text in ["", "{", "[1]]", "{\"schema\":1}"] where !(name == "settings" && text == "{\"schema\":1}") {
            let error = try withDescent {
                try $0.attributes.write(Int64(2), to: "format_version")
                try $0.attributes.write(text, to: name)
            }
            #expect(error.kind == .badData && !error.message.contains("checksum"))
        }
    }

    // MARK: Damage

    @Test("A file cut anywhere is an error", arguments: stride(from: 0, to: 97, by: 4).map { $0 })
    func truncated(_ percent: Int) throws {
        let image = try Graph(inputs: 2) { Dense(3) }.model(31).image()
        let cut = Array(image.prefix(image.count * percent / 100))
        #expect(throws: ModelError.self) { _ = try ModelFiles.read(cut) }
    }
}
