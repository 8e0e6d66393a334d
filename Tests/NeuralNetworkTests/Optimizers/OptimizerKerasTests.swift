import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("Optimizers follow Keras")
struct OptimizerKerasTests {
    struct File: Decodable {
        var start: [Float]
        var gradients: [[Float]]
        var steps: [Int]
        var cases: [Case]
    }

    struct Case: Decodable {
        var name: String
        var class_name: String
        var options: KerasOptimizer.Options
        var weights: [[Float]]
    }

    @Test("After 1, 2, 10 and 50 steps the weights are Keras', to rounding")
    func steps() throws {
        let file = try KerasFixtures.load(File.self, from: "optimizers.json")
        #expect(file.cases.count == 20 && file.steps == [1, 2, 10, 50])
        for example in file.cases {
            let optimizer = try KerasOptimizer(class_name: example.class_name, options: example.options).optimizer
            let run = OptimizerRun(optimizer, start: file.start)
            for (index, gradient) in file.gradients.enumerated() {
                run.step(gradient)
                guard let position = file.steps.firstIndex(of: index + 1) else { continue }
                let problem = Tolerance(absolute: 1e-6, relative: 1e-5)
                    .disagreement(of: run.parameters.elements, with: example.weights[position])
                #expect(problem == nil, "\(example.name), \(index + 1) steps")
            }
        }
    }

    @Test("Updates do not depend on how the parameters are cut into slices", arguments: [1, 5, 16])
    func slices(size: Int) throws {
        let file = try KerasFixtures.load(File.self, from: "optimizers.json")
        for example in file.cases {
            let optimizer = try KerasOptimizer(class_name: example.class_name, options: example.options).optimizer
            let whole = OptimizerRun(optimizer, start: file.start)
            let sliced = OptimizerRun(optimizer, start: file.start)
            for gradient in file.gradients.prefix(5) {
                whole.step(gradient)
                sliced.step(gradient, slice: size)
            }
            #expect(bitDifference(whole.parameters.elements, sliced.parameters.elements) == nil, "\(example.name)")
            for (left, right) in zip(whole.moments, sliced.moments) {
                #expect(bitDifference(left.elements, right.elements) == nil, "\(example.name)")
            }
        }
    }

    @Test("The defaults are Keras'")
    func defaults() throws {
        let file = try KerasFixtures.load(File.self, from: "optimizers.json")
        let ours: [String: Optimizer] = [
            "sgd": .sgd(), "adam": .adam(), "adamw": .adamW(), "rmsprop": .rmsprop(), "adagrad": .adagrad(),
        ]
        for (name, optimizer) in ours {
            let example = try #require(file.cases.first { $0.name == name })
            #expect(try KerasOptimizer(class_name: example.class_name, options: example.options).optimizer == optimizer)
        }
    }
}
