public import LinearAlgebra
public import NeuralNetwork

extension CounterRandom {
    /// Numbers for a test: the same in every run.
    public static func test(_ stream: Int) -> CounterRandom {
        CounterRandom(seed: 2024, purpose: .testing, stream: UInt64(stream))
    }

    /// A number uniform in the range.
    public mutating func float(in range: ClosedRange<Float> = -1...1) -> Float {
        range.lowerBound + Float(uniform()) * (range.upperBound - range.lowerBound)
    }

    /// An integer uniform in the range.
    public mutating func int(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(integer(below: UInt64(range.count)))
    }

    public mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
        (0..<count).map { _ in float(in: range) }
    }

    public mutating func matrix(_ rows: Int, _ columns: Int, in range: ClosedRange<Float> = -1...1) -> Matrix {
        Matrix(rows: rows, columns: columns, elements: floats(rows * columns, in: range))
    }

    public mutating func element<Element>(of choices: [Element]) -> Element {
        choices[int(in: 0...choices.count - 1)]
    }

    /// Parameters of a graph, biases included, uniform in the range.
    public mutating func parameters(of graph: Graph, in range: ClosedRange<Float> = -1...1) -> Parameters {
        let parameters = Parameters(layout: ParameterLayout(graph))
        for slice in parameters.layout.slices {
            let elements = floats(slice.count, in: range)
            // A variance is positive.
            let isVariance = slice.path.hasSuffix("moving_variance")
            parameters.setElements(isVariance ? elements.map { abs($0) + 0.25 } : elements, of: slice)
        }
        return parameters
    }

    /// Targets that fit a loss: labels, probabilities, a distribution or values.
    public mutating func targets(for loss: Loss, rows: Int, columns: Int, asLabels: Bool = false) -> Targets {
        switch loss {
        case .softmaxCrossEntropy where asLabels:
            return .labels((0..<rows).map { _ in int(in: 0...columns - 1) })
        case .softmaxCrossEntropy, .crossEntropy:
            return .values(distributions(rows, columns))
        case .binaryCrossEntropy:
            return .values(matrix(rows, columns, in: 0...1))
        case .meanSquaredError, .meanAbsoluteError, .huber, .halfSquaredError, .squaredError:
            return .values(matrix(rows, columns, in: -2...2))
        }
    }

    /// Rows of positive numbers that sum to 1.
    public mutating func distributions(_ rows: Int, _ columns: Int) -> Matrix {
        var result = matrix(rows, columns, in: 0.1...1)
        for row in 0..<rows {
            let total = result.row(row).reduce(0, +)
            for column in 0..<columns { result[row, column] /= total }
        }
        return result
    }
}
