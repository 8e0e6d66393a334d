internal import HDF5
internal import NeuralNetwork

/// `.weights.h5`: the weights of each layer under the name of its class, numbered in Keras' order of layers.
///
///     /layers/dense/vars/0, 1        kernel and bias
///     /layers/dense_1/vars/0, 1
///     /layers/batch_normalization/vars/0, 1, 2, 3
enum KerasWeightsFile {
    /// Where the layers are; older files say it in more words.
    private static let containers = ["layers", "_layer_checkpoint_dependencies"]

    /// Whether a file looks like one.
    static func isOne(_ root: Group) throws(HDF5Error) -> Bool {
        for container in containers where try root.contains(container) { return true }
        return false
    }

    /// The weights of a network's layers, one after another.
    static func weights(of network: KerasNetwork, in root: Group) throws -> [Dataset] {
        guard let container = try containers.first(where: { try root.contains($0) }) else {
            throw ModelError("holds no weights as Keras writes them: there is no group 'layers'")
        }
        let group = try root.group(container)
        var names = LayerNames()
        var datasets: [Dataset] = []
        for layer in network.layers {
            let name = names.next(for: snakeCase(layer.className))
            guard try group.contains(name), try group.group(name).contains("vars") else { continue }
            let variables = try group.group(name).group("vars")
            let count = try variables.childNames.count
            for index in 0..<count { datasets.append(try variables.dataset("\(index)")) }
        }
        return datasets
    }

    /// A layer and its weights in Keras' order.
    struct Layer {
        var className: String
        var weights: [StoredWeight] = []
    }

    /// Writes the weights of a graph's layers.
    static func write(_ layers: [Layer], into root: Group) throws {
        let group = try root.createGroup("layers")
        var names = LayerNames()
        for layer in layers {
            let variables = try group.createGroup(names.next(for: snakeCase(layer.className))).createGroup("vars")
            for (index, weight) in layer.weights.enumerated() {
                try weight.write(to: "\(index)", of: variables)
            }
        }
        _ = try root.createGroup("vars")
    }

    /// `LeakyReLU` is `leaky_re_lu`: Keras' rule, a line before each capital that a small letter follows, and between a
    /// small letter and a capital.
    static func snakeCase(_ className: String) -> String {
        let letters = Array(className.filter { $0.isLetter || $0.isNumber || $0 == "_" })
        var result = ""
        for (index, letter) in letters.enumerated() {
            if index > 0, letter.isUppercase {
                let beforeSmall = index + 1 < letters.count && letters[index + 1].isLowercase
                let afterSmall = letters[index - 1].isLowercase
                if beforeSmall || afterSmall { result += "_" }
            }
            result += letter.lowercased()
        }
        return result
    }
}
