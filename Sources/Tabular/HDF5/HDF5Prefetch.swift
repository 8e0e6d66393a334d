internal import Dispatch
import Synchronization

/// The windows of a reading, one after the other, each read while the one before is being used.
struct HDF5Prefetch {
    /// What a thread in the background leaves behind.
    private final class Slot: Sendable {
        let state = Mutex<(window: HDF5Reading.Window, error: TableError?)>((HDF5Reading.Window(), nil))
    }

    private let reading: HDF5Reading
    /// The rows that are left.
    private var rows: Range<Int>
    /// Whether a second thread reads ahead: one worker alone reads when it is asked to, and of one window there is
    /// nothing ahead.
    private let readsAhead: Bool
    private let slot = Slot()
    private let pending = DispatchGroup()

    init(_ reading: HDF5Reading, rows: Range<Int>, workers: Int) {
        self.reading = reading
        self.rows = rows
        readsAhead = workers > 1 && reading.window(of: rows) != rows
        if readsAhead { start() }
    }

    /// Exchanges `window` for the next one.
    ///
    /// - Returns: `false` where there is none.
    mutating func next(_ window: inout HDF5Reading.Window) throws(TableError) -> Bool {
        guard !rows.isEmpty else { return false }
        let next = reading.window(of: rows)
        rows = next.upperBound..<rows.upperBound
        guard readsAhead else {
            try reading.read(next, into: &window)
            return true
        }
        pending.wait()
        let error = slot.state.withLock { state in
            // Swapped, not copied: each has one owner, and so is reused as it is.
            swap(&state.window, &window)
            return state.error
        }
        if let error { throw error }
        if !rows.isEmpty { start() }
        return true
    }

    /// Waits for what is still being read.
    func finish() { pending.wait() }

    private func start() {
        let rows = reading.window(of: rows)
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
