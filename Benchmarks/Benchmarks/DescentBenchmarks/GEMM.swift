import Dispatch
import LinearAlgebra
import Tabular
import Training

/// A product c = op(a) op(b) with its operands: m x k times k x n.
struct Product: Sendable {
    enum Form: String, Sendable {
        /// y = x W, forward.
        case nn = "NN"
        /// dW = xᵀ G.
        case tn = "TN"
        /// dx = G Wᵀ.
        case nt = "NT"
    }

    let m: Int
    let n: Int
    let k: Int
    let form: Form

    var name: String { "\(m)x\(n)x\(k) \(form.rawValue)" }

    var operations: Int { 2 * m * n * k }

    /// The products of a layer in a training step over so many rows.
    static func products(of layer: Workload.LayerShape, rows: Int) -> [Product] {
        let (inputs, outputs) = (layer.inputs, layer.outputs)
        let parameters = [
            Product(m: rows, n: outputs, k: inputs, form: .nn), Product(m: inputs, n: outputs, k: rows, form: .tn),
        ]
        return layer.isFirst ? parameters : parameters + [Product(m: rows, n: inputs, k: outputs, form: .nt)]
    }

    struct Operands: Sendable {
        let a: SharedBuffer<Float>
        let b: SharedBuffer<Float>
        let c: SharedBuffer<Float>
    }

    func operands() -> Operands {
        Operands(
            a: RandomNumbers.buffer(m * k, stream: 0), b: RandomNumbers.buffer(k * n, stream: 1),
            c: SharedBuffer(count: m * n))
    }

    func compute(_ operands: Operands) {
        let (a, b, c) = (operands.a, operands.b, operands.c.matrix(m, n))
        switch form {
        case .nn: multiply(a.matrix(m, k).readOnly, .no, b.matrix(k, n).readOnly, .no, into: c)
        case .tn: multiply(a.matrix(k, m).readOnly, .yes, b.matrix(k, n).readOnly, .no, into: c)
        case .nt: multiply(a.matrix(m, k).readOnly, .no, b.matrix(n, k).readOnly, .yes, into: c)
        }
    }

    /// The product as it is defined, without BLAS: what a compiler makes of the plain loops.
    func computePlainly(_ operands: Operands) {
        let (a, b, c) = (operands.a.base, operands.b.base, operands.c.base)
        for i in 0..<m {
            for j in 0..<n { c[i * n + j] = 0 }
            for p in 0..<k {
                let factor = a[i * k + p]
                for j in 0..<n { c[i * n + j] += factor * b[p * n + j] }
            }
        }
    }
}

/// Every product of a shard of the reference workloads, m x n x k, on one thread; the rate of large products, which is
/// what all of them are measured against, on one thread and on all; and plain loops.
func registerProducts() {
    for workload in Workload.all {
        for layer in workload.layerShapes {
            for product in Product.products(of: layer, rows: workload.shardRows) {
                Rate.megaflops.benchmark("GEMM \(workload.name) \(product.name)", amount: product.operations) {
                    product.operands()
                } call: {
                    product.compute($0)
                }
            }
        }
    }

    let large = Product(m: 1024, n: 1024, k: 1024, form: .nn)
    for (name, callers) in [("1 worker", 1), ("all workers", Processors.usable)] {
        Rate.megaflops.benchmark("GEMM large \(large.name), \(name)", amount: callers * large.operations) {
            (0..<callers).map { _ in large.operands() }
        } call: { operands in
            DispatchQueue.concurrentPerform(iterations: callers) { large.compute(operands[$0]) }
        }
    }

    let small = Product(m: 64, n: 128, k: 256, form: .nn)
    Rate.megaflops.benchmark("GEMM plain loops \(small.name)", amount: small.operations) {
        small.operands()
    } call: {
        small.computePlainly($0)
    }
}
