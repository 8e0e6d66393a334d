internal import Dispatch
internal import LinearAlgebra
internal import Synchronization

/// One pass over the texts of an input by several workers.
///
/// A worker takes the next text, which costs a moment under a lock, and parses it on its own. What it made of it is
/// delivered in the order of the file, on the thread that runs the pass: so neither the values nor the error that is
/// found first depends on the number of workers.
final class CSVPass: Sendable {
    private let request: CSVRequest
    private let workers: Int
    private let cutter: Mutex<CSVCutter>
    private let progress = Mutex(Progress())
    /// For every text of the request, whether its levels are still collected: a hint, which saves work alone.
    private let wantsLevels: Mutex<[Bool]>
    /// Counts the texts that may be taken: those between taking and delivery are limited, and so is their memory.
    private let room = DispatchSemaphore(value: 0)
    /// Counts the texts that were parsed by others.
    private let parsed = DispatchSemaphore(value: 0)

    private struct Progress {
        var taken = 0
        var isFinished = false
        var waiting: [Int: ParsedText] = [:]
        var spareBuffers: [SharedBuffer<UInt8>] = []
    }

    init(_ request: CSVRequest, cutter: consuming sending CSVCutter, workers: Int) {
        self.request = request
        self.workers = max(1, workers)
        self.cutter = Mutex(cutter)
        wantsLevels = Mutex(Array(repeating: true, count: request.texts.count))
    }

    /// Stops collecting levels for a text of the request.
    func giveUpLevels(of text: Int) { wantsLevels.withLock { $0[text] = false } }

    /// Parses everything, delivering text after text with the lines before it.
    func run(_ deliver: (consuming ParsedText, _ line: Int) throws(TableError) -> Void) throws(TableError) {
        for _ in 0..<2 * workers { room.signal() }
        defer {
            // Nobody may be left waiting.
            cutter.withLock { $0.stop() }
            for _ in 0..<workers { room.signal() }
        }
        var parser = CSVTextParser(request)
        var next = 0
        var line = 0
        var hasHelpers = false
        while true {
            if let text = progress.withLock({ $0.waiting.removeValue(forKey: next) }) {
                next += 1
                room.signal()
                if let failure = text.failure { throw failure.moved(down: line) }
                let lineCount = text.lineCount
                try deliver(text, line)
                line += lineCount
            } else if !progress.withLock({ $0.isFinished }), room.wait(timeout: .now()) == .success {
                let isTaken = step(&parser)
                if !isTaken { room.signal() }
                // A table of one text needs no help.
                if isTaken && !hasHelpers && workers > 1 && !cutter.withLock({ $0.isFinished }) {
                    hasHelpers = true
                    for _ in 1..<workers { DispatchQueue.global().async { self.help() } }
                }
            } else if progress.withLock({ $0.isFinished && $0.taken == next }) {
                return
            } else {
                parsed.wait()
            }
        }
    }

    private func help() {
        var parser = CSVTextParser(request)
        while true {
            room.wait()
            let isTaken = step(&parser)
            parsed.signal()
            if !isTaken {
                room.signal()
                return
            }
        }
    }

    /// Takes a text and parses it; `false` when there is none.
    private func step(_ parser: inout CSVTextParser) -> Bool {
        let spare = progress.withLock { $0.spareBuffers.popLast() }
        let taken = cutter.withLock { cutter in
            let text = Result { () throws(TableError) in try cutter.next(reusing: spare) }
            // Counted under the same lock, so that whoever finds the input finished knows how many texts it had.
            return progress.withLock { progress -> (Result<CSVText?, TableError>, Int) in
                switch text {
                case .success(nil): progress.isFinished = true
                case .success: progress.taken += 1
                case .failure:
                    progress.isFinished = true
                    progress.taken += 1
                    cutter.stop()
                }
                return (text, progress.taken - 1)
            }
        }
        switch taken.0 {
        case .success(nil):
            return false
        case .success(let text?):
            let result = parser.parse(text, wantsLevels: wantsLevels.withLock { $0 })
            progress.withLock {
                $0.waiting[text.index] = result
                $0.spareBuffers.append(text.buffer)
            }
        case .failure(let error):
            var result = ParsedText(index: taken.1)
            result.failure = error
            progress.withLock { $0.waiting[taken.1] = result }
        }
        return true
    }
}

extension TableError {
    /// The same error where it stands in the file.
    fileprivate func moved(down lines: Int) -> TableError {
        TableError(kind, file: file, line: line.map { $0 + lines }, column: column, message)
    }
}
