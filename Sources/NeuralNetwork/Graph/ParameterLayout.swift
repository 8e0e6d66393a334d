/// Where each parameter of a graph stands in one flat buffer.
///
/// Gradients and the optimizer's moments share the layout, so update, all-reduce, clipping and checkpoint are loops over
/// flat memory. Every parameter starts on a cache line; the gaps stay zero.
public struct ParameterLayout: Sendable, Hashable {
    /// One parameter.
    public struct Slice: Sendable, Hashable {
        /// `dense_1/kernel`.
        public var path: String
        /// The node it belongs to.
        public var node: Int
        /// (inputs, outputs) for a kernel, (outputs) for a bias.
        public var shape: [Int]
        /// Its first element in the buffer.
        public var offset: Int
        public var initializer: Initializer
        public var regularizer: Regularizer
        /// Whether the optimizer changes it.
        public var isTrainable: Bool

        /// The number of elements.
        public var count: Int { shape.reduce(1, *) }
        /// The floats it takes in the buffer, with the gap behind it.
        package var extent: Int { (count + 15) / 16 * 16 }
        /// A vector is one row.
        public var rows: Int { shape.count == 1 ? 1 : shape[0] }
        public var columns: Int { shape[shape.count - 1] }
    }

    /// The most parameters a network may have: 16 GiB of them.
    public static let countLimit = 1 << 32

    public let slices: [Slice]
    /// The floats of a buffer, gaps included.
    public let bufferCount: Int

    /// The layout of a graph's parameters, in the order of its nodes.
    public init(_ graph: Graph) {
        var slices: [Slice] = []
        var offset = 0
        for (index, node) in graph.nodes.enumerated() {
            for parameter in node.operation.layer.parameters(for: graph.inputSizes(of: node)) {
                let slice = Slice(
                    path: "\(node.name)/\(parameter.name)", node: index, shape: parameter.shape, offset: offset,
                    initializer: parameter.initializer, regularizer: parameter.regularizer,
                    isTrainable: node.isTrainable && parameter.isTrainable)
                slices.append(slice)
                offset += slice.extent
            }
        }
        self.slices = slices
        bufferCount = offset
    }

    /// The number of parameters, gaps not counted.
    public var parameterCount: Int { slices.reduce(0) { $0 + $1.count } }

    /// The parameter that an element of the buffer belongs to.
    public func slice(at offset: Int) -> Slice? {
        slices.last { $0.offset <= offset }
    }
}
