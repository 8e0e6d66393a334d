import NeuralNetwork
import TestSupport
import Testing

@Suite("A graph prints as a table")
struct GraphDescriptionTests {
    @Test("Layers, what they take, outputs, parameters and the total")
    func sequence() {
        let graph = Graph(inputs: 64) {
            Dense(128)
            ReLU()
            Dropout(0.2)
            Dense(10, activation: .tanh, usesBias: false)
        }
        #expect(
            graph.description == """
                layer    kind                  from     output shape  parameters
                input    input                             rows x 64           0
                dense    dense                 input      rows x 128        8320
                re_lu    relu                  dense      rows x 128           0
                dropout  dropout 0.2           re_lu      rows x 128           0
                dense_1  dense, tanh, no bias  dropout     rows x 10        1280
                9600 parameters
                """)
    }

    @Test("Several inputs are numbered")
    func severalInputs() {
        let graph = Graph(inputs: [2, 2]) { Softmax()($0[0] * $0[1] + $0[1]) }
        #expect(
            graph.description == """
                layer     kind      from               output shape  parameters
                input_0   input                            rows x 2           0
                input_1   input                            rows x 2           0
                multiply  multiply  input_0, input_1       rows x 2           0
                add       add       multiply, input_1      rows x 2           0
                softmax   softmax   add                    rows x 2           0
                0 parameters
                """)
    }

    @Test("Activations have the command's names")
    func names() {
        #expect(
            Activation.all.map(\.name) == [
                "linear", "relu", "leaky-relu", "sigmoid", "tanh", "elu", "selu", "softplus", "gelu", "silu",
            ])
    }
}
