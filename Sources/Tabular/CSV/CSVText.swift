internal import CKernels
internal import LinearAlgebra

/// A run of whole records, cut from an input.
struct CSVText: Sendable {
    /// Its place among the texts of the input, from 0.
    let index: Int
    /// The bytes, and line feeds behind them. Only who holds the text touches it.
    let buffer: SharedBuffer<UInt8>
    let count: Int
    /// Whether the last record is longer than any may be, and so is not whole.
    let isOverlong: Bool
    /// Whether the first record of the input is in it.
    let isHead: Bool

    var bytes: UnsafePointer<UInt8> { UnsafePointer(buffer.base) }
}

/// Cuts the bytes of an input into texts of whole records, one after another.
///
/// Where a record ends depends on all quotes before it, so the cut is found in order; but only quotes and line ends are
/// looked for, which is many times faster than parsing. The input is read, not mapped: a mapped file that is cut short
/// by another process kills the reader.
struct CSVCutter: ~Copyable {
    /// Big enough that handing a text to a worker costs nothing, small enough to stay in a core's cache.
    static let textSize = 1 << 20
    /// A longer row is not a table, or it hides a quote that was never closed.
    static let recordLimit = 64 << 20

    private let dialect: CSVDialect
    private let textSize: Int
    private var stream: CSVByteStream
    /// What was read and belongs to the next text.
    private var rest: [UInt8] = []
    private var nextIndex = 0
    private var isAtStart = true
    private var isAtEnd = false
    private var isBeforeHead = true
    /// Whether there are no more texts.
    private(set) var isFinished = false

    init(_ stream: consuming CSVByteStream, dialect: CSVDialect, textSize: Int) {
        self.stream = stream
        self.dialect = dialect
        self.textSize = textSize
    }

    /// Gives out no more texts.
    mutating func stop() { isFinished = true }

    /// The next text; `nil` after the last one.
    ///
    /// - Parameter spare: A buffer that nobody uses any more, from an earlier text.
    mutating func next(reusing spare: SharedBuffer<UInt8>?) throws(TableError) -> CSVText? {
        guard !isFinished else { return nil }
        var buffer = spare ?? SharedBuffer<UInt8>(count: textSize + RecordKernel.padding)
        // Where the cut falls must not depend on which buffer happens to be spare.
        var capacity = max(textSize, rest.count, isAtStart ? CSVTokenizer.byteOrderMark.count : 1)
        if buffer.count < capacity + RecordKernel.padding {
            buffer = SharedBuffer<UInt8>(count: capacity + RecordKernel.padding)
        }
        var count = rest.count
        rest.withUnsafeBufferPointer { if let base = $0.baseAddress { buffer.base.update(from: base, count: count) } }
        var cut = descent_cut(
            separator: dialect.separator, quote: dialect.quote, comment: dialect.comment ?? 0, scanned: 0, border: 0)
        var border = 0
        var isOverlong = false
        while border == 0 {
            try fill(buffer, &count, capacity)
            if isAtEnd {
                border = count
                break
            }
            descent_find_cut(buffer.base, UInt32(count), &cut)
            border = Int(cut.border)
            if border == 0 && count == capacity {
                if capacity >= Self.recordLimit {
                    isOverlong = true
                    border = count
                } else {
                    // Whether a record is too long must not depend on the size of the texts either.
                    capacity = min(2 * capacity, Self.recordLimit)
                    let larger = SharedBuffer<UInt8>(count: capacity + RecordKernel.padding)
                    larger.base.update(from: buffer.base, count: count)
                    buffer = larger
                }
            }
        }
        isFinished = isAtEnd || isOverlong
        guard border > 0 else { return nil }
        rest = Array(UnsafeBufferPointer(start: buffer.base + border, count: count - border))
        (buffer.base + border).update(repeating: ASCII.lineFeed, count: RecordKernel.padding)
        let isHead = isBeforeHead && (isOverlong || hasRecord(buffer, count: border))
        if isHead { isBeforeHead = false }
        defer { nextIndex += 1 }
        return CSVText(index: nextIndex, buffer: buffer, count: border, isOverlong: isOverlong, isHead: isHead)
    }

    /// Whether there is anything but blank lines and comments.
    private func hasRecord(_ buffer: SharedBuffer<UInt8>, count: Int) -> Bool {
        var tokenizer = CSVTokenizer(file: "", dialect: dialect)
        do {
            return try tokenizer.next(in: buffer.base, count: count, isLast: true) == .record
        } catch {
            return true
        }
    }

    private mutating func fill(
        _ buffer: SharedBuffer<UInt8>, _ count: inout Int, _ capacity: Int
    ) throws(TableError) {
        guard !isAtEnd, count < capacity else { return }
        let space = UnsafeMutableRawBufferPointer(start: buffer.base + count, count: capacity - count)
        let added = try stream.read(into: space)
        isAtEnd = added < space.count
        count += added
        let mark = CSVTokenizer.byteOrderMark
        defer { isAtStart = false }
        if isAtStart && UnsafeBufferPointer(start: buffer.base, count: count).starts(with: mark) {
            count -= mark.count
            buffer.base.update(from: buffer.base + mark.count, count: count)
        }
    }
}
