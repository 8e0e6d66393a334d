import LinearAlgebra

/// What works on a shard row by row: softmax, dropout masks, the gathering of shuffled rows.
///
/// Bytes are those that a call reads and writes.
func registerRowOperations() {
    for (rows, columns) in [(64, 10), (256, 1000)] {
        let bytes = 4 * rows * columns
        Rate.megabytes.benchmark("Softmax \(rows)x\(columns), forward", amount: 2 * bytes) {
            ElementwiseMemory(rows: rows, columns: columns)
        } call: {
            softmax($0.x.readOnly, into: $0.y)
        }
        Rate.megabytes.benchmark("Softmax \(rows)x\(columns), backward", amount: 3 * bytes) {
            ElementwiseMemory(rows: rows, columns: columns)
        } call: {
            softmaxBackward(output: $0.x.readOnly, outputGradient: $0.gradient.readOnly, inputGradient: $0.y)
        }
    }

    let (rows, columns) = (64, 256)
    Rate.megabytes.benchmark("Dropout mask \(rows)x\(columns)", amount: 4 * rows * columns) {
        ElementwiseMemory(rows: rows, columns: columns)
    } call: {
        fillDropoutMask($0.y, probability: 0.2, seed: 1, step: 1, layer: 1, firstRow: 0)
    }

    // Rows from anywhere in 47 MB, as an epoch of shuffled rows takes them.
    let (tableRows, features) = (15_000, 784)
    Rate.megabytes.benchmark("Gathering rows \(rows)x\(features)", amount: 8 * rows * features) {
        GatheringMemory(tableRows: tableRows, features: features, rows: rows)
    } call: {
        $0.gatherNext()
    }
}

/// A table, an order to visit its rows in, and the shard to copy them to.
private final class GatheringMemory {
    private let table: SharedBuffer<Float>
    private let order: SharedBuffer<UInt32>
    private let shard: SharedBuffer<Float>
    private let features: Int
    private let rows: Int
    private var position = 0

    init(tableRows: Int, features: Int, rows: Int) {
        self.features = features
        self.rows = rows
        table = RandomNumbers.buffer(tableRows * features)
        var order = Array(0..<UInt32(tableRows))
        var random = CounterRandom(seed: 1, purpose: .shuffling)
        random.shuffle(&order)
        self.order = SharedBuffer(order)
        shard = SharedBuffer(count: rows * features)
    }

    func gatherNext() {
        if position + rows > order.count { position = 0 }
        gatherRows(
            order, from: position, rows: rows, columns: features, of: table.base, into: shard.base)
        position += rows
    }
}
