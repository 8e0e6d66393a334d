/// The layers a graph may hold: the index of this module. A new layer is a file in `Layers/` and a case here.
public enum Operation: Sendable, Hashable, Codable {
    case dense(Dense)
    case activation(Activation)
    case softmax(Softmax)
    case dropout(Dropout)
    case add(Add)
    case multiply(Multiply)
    case concatenate(Concatenate)
    case rescaling(Rescaling)
    case normalization(Normalization)
    case layerNormalization(LayerNormalization)
    case batchNormalization(BatchNormalization)

    /// The layer itself.
    public var layer: any Layer {
        switch self {
        case .dense(let layer): layer
        case .activation(let layer): layer
        case .softmax(let layer): layer
        case .dropout(let layer): layer
        case .add(let layer): layer
        case .multiply(let layer): layer
        case .concatenate(let layer): layer
        case .rescaling(let layer): layer
        case .normalization(let layer): layer
        case .layerNormalization(let layer): layer
        case .batchNormalization(let layer): layer
        }
    }

    /// Forward without the cost of an existential.
    func forward(_ call: borrowing LayerCall) {
        switch self {
        case .dense(let layer): layer.forward(call)
        case .activation(let layer): layer.forward(call)
        case .softmax(let layer): layer.forward(call)
        case .dropout(let layer): layer.forward(call)
        case .add(let layer): layer.forward(call)
        case .multiply(let layer): layer.forward(call)
        case .concatenate(let layer): layer.forward(call)
        case .rescaling(let layer): layer.forward(call)
        case .normalization(let layer): layer.forward(call)
        case .layerNormalization(let layer): layer.forward(call)
        case .batchNormalization(let layer): layer.forward(call)
        }
    }

    /// Backward without the cost of an existential.
    func backward(_ call: borrowing LayerCall) {
        switch self {
        case .dense(let layer): layer.backward(call)
        case .activation(let layer): layer.backward(call)
        case .softmax(let layer): layer.backward(call)
        case .dropout(let layer): layer.backward(call)
        case .add(let layer): layer.backward(call)
        case .multiply(let layer): layer.backward(call)
        case .concatenate(let layer): layer.backward(call)
        case .rescaling(let layer): layer.backward(call)
        case .normalization(let layer): layer.backward(call)
        case .layerNormalization(let layer): layer.backward(call)
        case .batchNormalization(let layer): layer.backward(call)
        }
    }

    /// Adds up a shard's part of what `forward` needs of the whole batch.
    func gather(_ call: borrowing LayerCall) {
        if case .batchNormalization(let layer) = self { layer.gather(call) }
    }

    /// Adds up a shard's part of what `backward` needs of the whole batch.
    func gatherGradient(_ call: borrowing LayerCall) {
        if case .batchNormalization(let layer) = self { layer.gatherGradient(call) }
    }

    /// Whether backward may write the input's gradient over the output's.
    var worksInPlace: Bool {
        switch self {
        case .activation, .dropout, .rescaling, .normalization, .layerNormalization, .batchNormalization: true
        case .dense, .softmax, .add, .multiply, .concatenate: false
        }
    }

    /// The stem of default names, in Keras' spelling: `dense`, `dense_1`, `re_lu`.
    public var kindName: String {
        switch self {
        case .dense: "dense"
        case .activation(let activation):
            switch activation {
            case .relu: "re_lu"
            case .leakyReLU: "leaky_re_lu"
            case .elu: "elu"
            case .linear, .sigmoid, .tanh, .selu, .softplus, .gelu, .silu: "activation"
            }
        case .softmax: "softmax"
        case .dropout: "dropout"
        case .add: "add"
        case .multiply: "multiply"
        case .concatenate: "concatenate"
        case .rescaling: "rescaling"
        case .normalization: "normalization"
        case .layerNormalization: "layer_normalization"
        case .batchNormalization: "batch_normalization"
        }
    }
}
