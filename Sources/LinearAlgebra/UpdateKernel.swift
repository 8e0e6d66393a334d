internal import CKernels

/// A stretch of flat memory that an update works on: parameters, their summed gradient, the optimizer's moments.
package struct UpdateSlice {
    package var count: Int
    package var parameters: UnsafeMutablePointer<Float>
    package var gradient: UnsafeMutablePointer<Float>

    package init(count: Int, parameters: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>) {
        self.count = count
        self.parameters = parameters
        self.gradient = gradient
    }

    /// gradient += l1 sign(w) + 2 l2 w.
    package func regularize(l1: Float, l2: Float) {
        descent_regularize(count, parameters, l1, l2, gradient)
    }

    /// gradient *= factor.
    package func scaleGradient(by factor: Float) {
        descent_scale(count, factor, gradient)
    }

    /// Limits every element of the gradient to [-limit, limit].
    package func clipGradient(to limit: Float) {
        descent_clip(count, limit, gradient)
    }

    /// w -= w decay.
    package func decay(by decay: Float) {
        descent_decay(count, decay, parameters)
    }

    /// Plain gradient descent.
    package func descend(rate: Float) {
        descent_sgd(count, rate, gradient, parameters)
    }

    /// Heavy-ball or Nesterov momentum.
    package func descend(rate: Float, momentum: Float, nesterov: Bool, velocity: UnsafeMutablePointer<Float>) {
        descent_momentum(count, rate, momentum, nesterov ? 1 : 0, gradient, velocity, parameters)
    }

    /// Adam; `rate` carries the bias correction.
    package func adam(
        rate: Float, beta1: Double, beta2: Double, epsilon: Float, first: UnsafeMutablePointer<Float>,
        second: UnsafeMutablePointer<Float>
    ) {
        descent_adam(
            count, rate, Float(1 - beta1), Float(1 - beta2), epsilon, gradient, first, second, parameters)
    }

    /// RMSprop; `average` where centred, `velocity` where it has momentum.
    package func rmsprop(
        rate: Float, rho: Double, momentum: Float, epsilon: Float, square: UnsafeMutablePointer<Float>,
        average: UnsafeMutablePointer<Float>?, velocity: UnsafeMutablePointer<Float>?
    ) {
        descent_rmsprop(
            count, rate, Float(rho), Float(1 - rho), momentum, epsilon, gradient, square, average, velocity, parameters)
    }

    /// Adagrad.
    package func adagrad(rate: Float, epsilon: Float, accumulator: UnsafeMutablePointer<Float>) {
        descent_adagrad(count, rate, epsilon, gradient, accumulator, parameters)
    }
}

/// Sums the stretches [offset, offset + count) of `replicas` buffers, each `stride` floats after the one before, into
/// `total`, in a balanced binary tree over the replica's index: ((0 + 1) + (2 + 3)) + …
///
/// `scratch` holds `count` floats for each level of the tree, `treeDepth(replicas)` in all.
package func sumTree(
    _ base: UnsafePointer<Float>, stride: Int, replicas: Range<Int>, count: Int,
    scratch: UnsafeMutablePointer<Float>, total: UnsafeMutablePointer<Float>
) {
    switch replicas.count {
    case 1:
        total.update(from: base + replicas.lowerBound * stride, count: count)
    case 2:
        let first = base + replicas.lowerBound * stride
        descent_add(count, first, first + stride, total)
    default:
        let middle = treeMiddle(of: replicas)
        sumTree(
            base, stride: stride, replicas: replicas.lowerBound..<middle, count: count, scratch: scratch, total: total)
        if replicas.upperBound - middle == 1 {
            descent_add(count, total, base + middle * stride, total)
        } else {
            sumTree(
                base, stride: stride, replicas: middle..<replicas.upperBound, count: count, scratch: scratch + count,
                total: scratch)
            descent_add(count, total, scratch, total)
        }
    }
}

/// Completes the tree of `sumTree` over the replicas of a range, of which some subtrees have been summed already.
///
/// - Parameter sum: The sum of a subtree; `nil` where it has to be made of its two halves.
/// - Returns: Where the sum stands: in `total`, or where `sum` had it.
package func completeSumTree(
    _ replicas: Range<Int>, count: Int, scratch: UnsafeMutablePointer<Float>, total: UnsafeMutablePointer<Float>,
    sum: (Range<Int>) -> UnsafeMutablePointer<Float>?
) -> UnsafeMutablePointer<Float> {
    if let known = sum(replicas) { return known }
    let middle = treeMiddle(of: replicas)
    let left = completeSumTree(
        replicas.lowerBound..<middle, count: count, scratch: scratch, total: total, sum: sum)
    let right = completeSumTree(
        middle..<replicas.upperBound, count: count, scratch: scratch + count, total: scratch, sum: sum)
    descent_add(count, left, right, total)
    return total
}

/// Where the tree over two or more replicas is cut in two: the left subtree is the largest full one, so that it is the
/// same whatever stands to its right.
package func treeMiddle(of replicas: Range<Int>) -> Int {
    replicas.lowerBound + 1 << (Int.bitWidth - (replicas.count - 1).leadingZeroBitCount - 1)
}

/// The levels of scratch that `sumTree` needs for so many replicas.
package func treeDepth(_ replicas: Int) -> Int {
    replicas <= 2 ? 1 : Int.bitWidth - (replicas - 1).leadingZeroBitCount
}
