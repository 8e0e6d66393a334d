public import LinearAlgebra

/// The weights of a network: one flat buffer and the layout that names its parts. Gradients have the same form.
public final class Parameters: Sendable {
    public let layout: ParameterLayout
    public let values: SharedBuffer<Float>

    /// All zeros.
    public init(layout: ParameterLayout) {
        self.layout = layout
        values = SharedBuffer(count: layout.bufferCount)
    }

    /// Weights that are there already; they are not copied.
    ///
    /// - Precondition: there are as many as the layout takes.
    public init(layout: ParameterLayout, values: SharedBuffer<Float>) {
        precondition(
            values.count == layout.bufferCount, "\(values.count) values do not fit a layout of \(layout.bufferCount)")
        self.layout = layout
        self.values = values
    }

    /// The initial weights of a graph: every parameter by its initializer, from a stream of its own.
    public convenience init(of graph: Graph, seed: UInt64) {
        self.init(layout: ParameterLayout(graph))
        for (index, slice) in layout.slices.enumerated() {
            var random = CounterRandom(seed: seed, purpose: .initialization, stream: UInt64(index))
            slice.initializer.fill(
                UnsafeMutableBufferPointer(start: values.base + slice.offset, count: slice.count), shape: slice.shape,
                using: &random)
        }
    }

    /// A copy that shares nothing with this one.
    public func copy() -> Parameters {
        let other = Parameters(layout: layout)
        other.values.copy(from: values)
        return other
    }

    /// The parameter with this path, such as `dense/kernel`; a vector is one row.
    ///
    /// - Precondition: there is one, and a new value has its size.
    public subscript(path: String) -> Matrix {
        get {
            let slice = slice(path)
            return Matrix(
                rows: slice.rows, columns: slice.columns,
                elements: Array(UnsafeBufferPointer(start: values.base + slice.offset, count: slice.count)))
        }
        set {
            let slice = slice(path)
            precondition(
                newValue.rows == slice.rows && newValue.columns == slice.columns,
                "\(path) is \(slice.rows) x \(slice.columns), not \(newValue.rows) x \(newValue.columns)")
            for (index, element) in newValue.elements.enumerated() { values.base[slice.offset + index] = element }
        }
    }

    /// The elements of one slice of the layout.
    public func elements(of slice: ParameterLayout.Slice) -> [Float] {
        Array(UnsafeBufferPointer(start: values.base + slice.offset, count: slice.count))
    }

    /// Overwrites the elements of one slice.
    ///
    /// - Precondition: there are as many as the slice holds.
    public func setElements(_ elements: [Float], of slice: ParameterLayout.Slice) {
        precondition(elements.count == slice.count, "\(slice.path) holds \(slice.count) numbers, not \(elements.count)")
        for (index, element) in elements.enumerated() { values.base[slice.offset + index] = element }
    }

    /// The paths in order.
    public var paths: [String] { layout.slices.map(\.path) }

    private func slice(_ path: String) -> ParameterLayout.Slice {
        guard let slice = layout.slices.first(where: { $0.path == path }) else {
            preconditionFailure("There is no parameter '\(path)' among \(paths.joined(separator: ", "))")
        }
        return slice
    }
}
