internal import Dispatch
import Synchronization

/// The windows of a reading, one after the other, each read while the one before is being used.
struct HDF5Prefetch {
    /// What a thread in the background leaves behind.
    private final class Slot: Sendable {
        let state = Mutex<(window: HDF5Reading.Window, error: TableError?)>((HDF5Reading.Window(), nil))
    }

    private let reading: HDF5Reading
    private let rowCount: Int
    /// Whether a second thread may read ahead; one worker alone reads when it is asked to.
    private let readsAhead: Bool
    private let slot = Slot()
    private let pending = DispatchGroup()
    private var nextRow = 0

    init(_ reading: HDF5Reading, rowCount: Int, readsAhead: Bool) {
        self.reading = reading
        self.rowCount = rowCount
        self.readsAhead = readsAhead
        if readsAhead { start() }
    }

    /// Exchanges `window` for the next one.
    ///
    /// - Returns: `false` where there is none.
    mutating func next(_ window: inout HDF5Reading.Window) throws(TableError) -> Bool {
        guard nextRow < rowCount else { return false }
        let rows = rows(from: nextRow)
        nextRow = rows.upperBound
        guard readsAhead else {
            try reading.read(rows, into: &window)
            return true
        }
        pending.wait()
        let error = slot.state.withLock { state in
            // Swapped, not copied: each has one owner, and so is reused as it is.
            swap(&state.window, &window)
            return state.error
        }
        if let error { throw error }
        if nextRow < rowCount { start() }
        return true
    }

    /// Waits for what is still being read.
    func finish() { pending.wait() }

    private func rows(from first: Int) -> Range<Int> { first..<min(first + reading.windowRows, rowCount) }

    private func start() {
        let rows = rows(from: nextRow)
        DispatchQueue.global(qos: .userInitiated).async(group: pending) { [slot, reading] in
            slot.state.withLock { state in
                do throws(TableError) {
                    try reading.read(rows, into: &state.window)
                } catch {
                    state.error = error
                }
            }
        }
    }
}
