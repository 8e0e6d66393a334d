import ModelFile
import NeuralNetwork
import TestSupport
import Testing

@Suite("A network described by Keras' JSON")
struct ArchitectureTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func network(_ text: String, inputs: Int = 4) throws -> Architecture.Network {
        try Architecture(contentsOf: directory.write(text, to: "network.json")).network(inputs: inputs)
    }

    private func refusal(_ text: String, inputs: Int = 4) -> String {
        do {
            _ = try network(text, inputs: inputs)
            return "none"
        } catch {
            return "\(error)"
        }
    }

    private static func sequential(_ layers: String) -> String {
        #"{"class_name":"Sequential","config":{"name":"net","layers":[\#(layers)]}}"#
    }

    private static let dense = #"{"class_name":"Dense","config":{"name":"d","units":3,"activation":"softmax"}}"#

    @Test("A Sequential model without inputs takes those of the data")
    func withoutInputs() throws {
        let network = try network(Self.sequential(Self.dense), inputs: 7)
        #expect(network.graph.inputSizes == [7])
        #expect(network.graph.outputSize == 3)
        #expect(network.outputActivation == .softmax)
    }

    @Test(
        "What is not supported is refused by name",
        arguments: [
            (#"{"class_name":"Lambda","config":{"name":"trick"}}"#, ["'trick'", "'Lambda'"]),
            (#"{"class_name":"Conv2D","config":{"name":"conv"}}"#, ["'conv'", "'Conv2D'"]),
            (#"{"class_name":"my>Layer","config":{"name":"own"}}"#, ["'own'", "'my>Layer'"]),
            (
                #"{"class_name":"Activation","config":{"name":"a","activation":"my_function"}}"#,
                ["'a'", "'my_function'"]
            ),
            (
                #"{"class_name":"Dense","config":{"name":"d","units":2,"activation":{"class_name":"PReLU","config":{}}}}"#,
                ["'d'", "'PReLU'"]
            ),
            (#"{"class_name":"Concatenate","config":{"name":"c","axis":0}}"#, ["'c'", "rows"]),
            (#"{"class_name":"Rescaling","config":{"name":"r","scale":"x"}}"#, ["'r'", "scale"]),
            (#"{"class_name":"Rescaling","config":{"name":"r","scale":1e60}}"#, ["'r'", "scale"]),
            (#"{"class_name":"Rescaling","config":{"name":"r","scale":[1,2],"offset":[1,2,3]}}"#, ["'r'", "offset"]),
            (#"{"class_name":"Rescaling","config":{"name":"r","scale":[1,2]}}"#, ["'r'", "4 columns"]),
            (
                #"{"class_name":"Normalization","config":{"name":"n","axis":[0],"mean":0,"variance":1}}"#,
                ["'n'", "rows"]
            ),
            (#"{"class_name":"Normalization","config":{"name":"n","mean":[0,1],"variance":1}}"#, ["'n'", "variance"]),
            (#"{"class_name":"Normalization","config":{"name":"n","mean":0,"variance":-1}}"#, ["'n'", "variance"]),
            (#"{"class_name":"BatchNormalization","config":{"name":"b","axis":[0]}}"#, ["'b'", "rows"]),
            (#"{"class_name":"BatchNormalization","config":{"name":"b","renorm":true}}"#, ["'b'", "renormalization"]),
            (#"{"class_name":"BatchNormalization","config":{"name":"b","epsilon":0}}"#, ["'b'", "epsilon"]),
            (#"{"class_name":"BatchNormalization","config":{"name":"b","momentum":2}}"#, ["'b'", "momentum"]),
            (#"{"class_name":"LayerNormalization","config":{"name":"l","axis":[0,1]}}"#, ["'l'", "rows"]),
            (#"{"class_name":"LayerNormalization","config":{"name":"l","rms_scaling":true}}"#, ["'l'", "root mean"]),
            (
                #"{"class_name":"LayerNormalization","config":{"name":"l","gamma_constraint":{"class_name":"NonNeg"}}}"#,
                ["'l'", "gamma_constraint"]
            ),
            (#"{"class_name":"Normalization","config":{"name":"n","axis":[-1]}}"#, ["'n'", "--init-from"]),
        ])
    func refused(_ layer: String, _ fragments: [String]) {
        let found = refusal(Self.sequential(layer))
        for fragment in fragments + ["network.json"] { #expect(found.contains(fragment), "\(found)") }
    }

    @Test(
        "What is no description of a network is refused",
        arguments: [
            "", "{", "[1]", "\u{89}HDF", #"{"class_name":"Sequential"}"#, #"{"class_name":"MyModel","config":{}}"#,
        ])
    func hostile(_ text: String) {
        let found = refusal(text)
        #expect(found.contains("network.json"), "\(found)")
    }

    @Test("A file that is not there, and a folder")
    func absent() throws {
        for path in [directory.path("nothing.json"), directory.path("")] {
            let error = try #require(throws: ModelError.self) { _ = try Architecture(contentsOf: path) }
            #expect(error.kind == .noInput)
            #expect(error.file == path)
        }
    }

    @Test("Nesting without end is refused, not followed")
    func deep() {
        let text = String(repeating: "[", count: 200_000)
        #expect(refusal(text).contains("network.json"))
    }
}
