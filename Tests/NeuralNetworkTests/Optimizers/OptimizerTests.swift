import Foundation
import LinearAlgebra
import NeuralNetwork
import TestSupport
import Testing

@Suite("Laws of optimizers")
struct OptimizerTests {
    private static let start: [Float] = [0.5, -1, 0, 2, -0.25]

    /// The weights after twenty steps of random gradients; `change` may add to each from the weights.
    private func weights(
        _ optimizer: Optimizer, change: (inout [Float], [Float]) -> Void = { _, _ in }
    ) -> [Float] {
        var random = CounterRandom.test(3)
        let run = OptimizerRun(optimizer, start: Self.start)
        for _ in 0..<20 {
            var gradient = random.floats(Self.start.count)
            change(&gradient, run.parameters.elements)
            run.step(gradient)
        }
        return run.parameters.elements
    }

    private let close = Tolerance(absolute: 2e-6, relative: 2e-6)

    @Test("Momentum 0, of either kind, is plain descent")
    func noMomentum() {
        let plain = weights(.sgd(learningRate: 0.1))
        #expect(close.disagreement(of: weights(.sgd(learningRate: 0.1, momentum: .heavyBall(0))), with: plain) == nil)
        #expect(close.disagreement(of: weights(.sgd(learningRate: 0.1, momentum: .nesterov(0))), with: plain) == nil)
        #expect(
            bitDifference(weights(.rmsprop(momentum: 0)), weights(.rmsprop())) == nil)
    }

    @Test("Heavy-ball momentum and Nesterov's are what they say: a constant gradient is amplified by 1 / (1 - μ)")
    func terminalVelocity() {
        for momentum in [Optimizer.Momentum.heavyBall(0.9), .nesterov(0.9)] {
            let run = OptimizerRun(.sgd(learningRate: 0.01, momentum: momentum), start: [0])
            for _ in 0..<300 { run.step([1]) }
            let before = run.parameters[0]
            run.step([1])
            #expect(abs(run.parameters[0] - before + 0.1) < 1e-5)
        }
    }

    @Test("Decoupled decay of plain descent is an L2 penalty of half the size")
    func decay() {
        // w -= w λ η, against g + 2 l2 w with l2 = λ / 2.
        let decayed = weights(.sgd(learningRate: 0.1, weightDecay: 0.3))
        let penalized = weights(.sgd(learningRate: 0.1)) { gradient, weights in
            for index in gradient.indices { gradient[index] += 0.3 * weights[index] }
        }
        #expect(close.disagreement(of: decayed, with: penalized) == nil)
        let adam = weights(.adamW(learningRate: 0.1, weightDecay: 0.3))
        let adamPenalized = weights(.adam(learningRate: 0.1)) { gradient, weights in
            for index in gradient.indices { gradient[index] += 0.3 * weights[index] }
        }
        #expect(Tolerance(absolute: 1e-3).disagreement(of: adam, with: adamPenalized) != nil, "but not Adam's")
    }

    @Test("An L2 penalty in the optimizer's step is the explicit gradient 2 l2 w")
    func penalty() {
        let l2: Float = 0.15
        let explicit = weights(.adam(learningRate: 0.01)) { gradient, weights in
            for index in gradient.indices { gradient[index] += 2 * l2 * weights[index] }
        }
        let kernel = weights(.adam(learningRate: 0.01)) { gradient, weights in
            let w = SharedBuffer(weights)
            let g = SharedBuffer(gradient)
            UpdateSlice(count: w.count, parameters: w.base, gradient: g.base).regularize(l1: 0, l2: l2)
            gradient = g.elements
        }
        #expect(close.disagreement(of: kernel, with: explicit) == nil)
    }

    @Test("Without decay AdamW is Adam")
    func adamW() {
        #expect(bitDifference(weights(.adamW(weightDecay: 0)), weights(.adam())) == nil)
    }

    @Test("Adam's first step has the size of the learning rate, whatever the gradient's", arguments: [0.1, 1, 1e3])
    func adamScale(scale: Float) {
        let run = OptimizerRun(.adam(learningRate: 0.01), start: [1, 1])
        run.step([scale, -3 * scale])
        let expected = [1 - 0.01, 1 + 0.01]
        #expect(Tolerance(absolute: 2e-6).disagreement(of: run.parameters.elements, with: expected) == nil)
    }

    @Test("Clipping beyond every gradient changes nothing")
    func looseClipping() {
        let free = weights(.sgd(learningRate: 0.1))
        #expect(bitDifference(weights(.sgd(learningRate: 0.1, clipping: .value(100))), free) == nil)
        #expect(bitDifference(weights(.sgd(learningRate: 0.1, clipping: .norm(100))), free) == nil)
    }

    @Test("Clipping by norm scales all gradients alike; by value, each by itself")
    func clipping() {
        let byNorm = OptimizerRun(.sgd(learningRate: 1, clipping: .norm(1)), start: [0, 0])
        byNorm.step([3, -4])
        #expect(Tolerance(ulps: 2).disagreement(of: byNorm.parameters.elements, with: [-0.6, 0.8]) == nil)
        let byValue = OptimizerRun(.sgd(learningRate: 1, clipping: .value(1)), start: [0, 0])
        byValue.step([3, -0.5])
        #expect(byValue.parameters.elements == [-1, 0.5])
    }

    @Test(
        "Every rule finds the bottom of a bowl",
        arguments: [
            Optimizer.sgd(learningRate: 0.1), .sgd(learningRate: 0.05, momentum: .heavyBall(0.8)),
            .sgd(learningRate: 0.05, momentum: .nesterov(0.8)), .adam(learningRate: 0.05), .adamW(learningRate: 0.05),
            .rmsprop(learningRate: 0.01), .rmsprop(learningRate: 0.005, momentum: 0.5, centered: true),
            .adagrad(learningRate: 0.5),
        ])
    func convergence(optimizer: Optimizer) {
        // ½ Σ c (w - 1)², c from 1 to 3.
        let run = OptimizerRun(optimizer, start: [0, 3, -1])
        for step in 0..<600 {
            let gradient = zip([1, 2, 3] as [Float], run.parameters.elements).map { $0 * ($1 - 1) }
            run.step(gradient, rateFactor: 1 - Double(step) / 600)
        }
        #expect(run.parameters.elements.allSatisfy { abs($0 - 1) < 0.02 })
    }

    @Test("Each rule keeps the moments it needs, under Keras' names")
    func moments() {
        func names(_ optimizer: Optimizer) -> [String] { optimizer.moments.map(\.name) }
        #expect(names(.sgd()) == [])
        #expect(names(.sgd(momentum: .nesterov(0.9))) == ["momentum"])
        #expect(names(.adam()) == ["momentum", "velocity"])
        #expect(names(.rmsprop()) == ["velocity"])
        #expect(names(.rmsprop(momentum: 0.9, centered: true)) == ["velocity", "average_gradient", "momentum"])
        #expect(names(.adagrad()) == ["accumulator"])
        #expect(Optimizer.adagrad(initialAccumulator: 0.25).moments.map(\.initialValue) == [0.25])
    }

    @Test("Optimizers survive coding")
    func coding() throws {
        for optimizer in [
            Optimizer.sgd(), .sgd(momentum: .heavyBall(0.5)), .sgd(momentum: .nesterov(0.5), clipping: .value(2)),
            .adamW(clipping: .norm(1)), .rmsprop(centered: true), .adagrad(),
        ] {
            let data = try JSONEncoder().encode(optimizer)
            #expect(try JSONDecoder().decode(Optimizer.self, from: data) == optimizer)
        }
    }
}

extension OptimizerTests {
    @Test("The moments take in 1 - beta as it was given, not as Float leaves it")
    func freshShare() {
        let run = OptimizerRun(.adam(), start: [0])
        run.step([1])
        #expect(
            Tolerance(ulps: 1).disagreement(
                of: [run.moments[0][0], run.moments[1][0]], with: [0.1, 0.001]) == nil)
    }
}
