internal import LinearAlgebra

/// Fixed scaling, `y = x ⊙ scale + offset`, with a number per column or one for all. Backward: dx = g ⊙ scale.
public struct Rescaling: Layer, Hashable, Codable {
    /// As many as there are columns, or one.
    public let scale: [Float]
    /// As many as `scale`.
    public let offset: [Float]

    /// One scale and one offset for all columns: `Rescaling(scale: 1 / 255)`.
    public init(scale: Float, offset: Float = 0) {
        self.scale = [scale]
        self.offset = [offset]
    }

    /// A scale and an offset per column; a list of one number holds for all.
    ///
    /// - Precondition: the lists are of one length, or one of them holds a single number.
    public init(scale: [Float], offset: [Float]) {
        precondition(
            scale.count == offset.count || scale.count == 1 || offset.count == 1,
            "\(scale.count) scales do not go with \(offset.count) offsets")
        let count = max(scale.count, offset.count)
        self.scale = scale.count == count ? scale : Array(repeating: scale[0], count: count)
        self.offset = offset.count == count ? offset : Array(repeating: offset[0], count: count)
    }

    public var operation: Operation { .rescaling(self) }

    public func outputSize(for inputSizes: [Int]) throws(GraphError) -> Int {
        let size = try singleInput(inputSizes, "Rescaling")
        try check(scale, "scales", size: size)
        try check(offset, "offsets", size: size)
        guard scale.count == offset.count else {
            throw GraphError("its \(scale.count) scales do not go with \(offset.count) offsets")
        }
        return size
    }

    public func forward(_ call: borrowing LayerCall) {
        let input = call.input(0)
        scale.withUnsafeBufferPointer { scales in
            offset.withUnsafeBufferPointer { offsets in
                guard let factor = scales.baseAddress else { return }
                shiftAndScale(
                    input, factor: factor, offset: offsets.baseAddress, isPerColumn: scales.count > 1,
                    into: call.output)
            }
        }
    }

    public func backward(_ call: borrowing LayerCall) {
        guard let inputGradient = call.inputGradient(0) else { return }
        scaleColumns(call.outputGradient.readOnly, by: scale, into: inputGradient)
    }
}

extension Layer {
    /// Constants that a layer applies column by column: one for all or one for each, all of them finite.
    func check(_ constants: [Float], _ what: String, size: Int) throws(GraphError) {
        guard constants.count == 1 || constants.count == size else {
            throw GraphError("its \(constants.count) \(what) do not fit \(size) columns")
        }
        guard constants.allSatisfy(\.isFinite) else { throw GraphError("one of its \(what) is not a finite number") }
    }

    /// y = x ⊙ factor, column by column.
    func scaleColumns(_ x: MatrixView, by factors: [Float], into y: MutableMatrixView) {
        factors.withUnsafeBufferPointer { factors in
            guard let factor = factors.baseAddress else { return }
            shiftAndScale(x, factor: factor, isPerColumn: factors.count > 1, into: y)
        }
    }
}
