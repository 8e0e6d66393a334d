/// A grid of equally long values in memory: value (i, j) starts `i * rowStride + j * valueStride` bytes after `start`.
public struct ValueGrid {
    /// The first byte of value (0, 0).
    public let start: UnsafeRawPointer
    /// The number of rows.
    public let rows: Int
    /// The values in a row.
    public let values: Int
    /// The bytes from a row to the next.
    public let rowStride: Int
    /// The bytes from a value to the next.
    public let valueStride: Int

    /// A grid from its parts.
    ///
    /// - Precondition: All of its bytes can be read.
    public init(start: UnsafeRawPointer, rows: Int, values: Int, rowStride: Int, valueStride: Int) {
        self.start = start
        self.rows = rows
        self.values = values
        self.rowStride = rowStride
        self.valueStride = valueStride
    }
}

extension NumberFormat {
    /// The values as the nearest `Float`s, row by row into `target`, whose rows begin `targetStride` elements apart.
    /// Those that equal a number of `fill` become NaN.
    func decode(
        _ grid: ValueGrid, into target: UnsafeMutablePointer<Float>, targetStride: Int, fill: [HDF5Number]
    ) {
        switch (kind, bytes) {
        case (.signed, 1): integers(Int8.self, grid, target, targetStride, fill)
        case (.signed, 2): integers(Int16.self, grid, target, targetStride, fill)
        case (.signed, 4): integers(Int32.self, grid, target, targetStride, fill)
        case (.signed, _): integers(Int64.self, grid, target, targetStride, fill)
        case (.unsigned, 1): integers(UInt8.self, grid, target, targetStride, fill)
        case (.unsigned, 2): integers(UInt16.self, grid, target, targetStride, fill)
        case (.unsigned, 4): integers(UInt32.self, grid, target, targetStride, fill)
        case (.unsigned, _): integers(UInt64.self, grid, target, targetStride, fill)
        case (.float, 2):
            floats(grid, target, targetStride, fill) { Float(half: load($0, as: UInt16.self)) }
        case (.float, 4):
            if !isSwapped, fill.isEmpty, grid.valueStride == 4 { return copy(grid, target, targetStride) }
            floats(grid, target, targetStride, fill) { Float(bitPattern: load($0, as: UInt32.self)) }
        case (.float, _):
            floats(grid, target, targetStride, fill) { Double(bitPattern: load($0, as: UInt64.self)) }
        }
    }

    /// The values at full precision as words: an `Int64`, a `UInt64` or a `Double`, by the kind of the format.
    func decodeWords(_ grid: ValueGrid, into target: UnsafeMutablePointer<UInt64>, targetStride: Int) {
        switch (kind, bytes) {
        case (.signed, 1): words(grid, target, targetStride) { Self.extended(load($0, as: Int8.self)) }
        case (.signed, 2): words(grid, target, targetStride) { Self.extended(load($0, as: Int16.self)) }
        case (.signed, 4): words(grid, target, targetStride) { Self.extended(load($0, as: Int32.self)) }
        case (.signed, _): words(grid, target, targetStride) { Self.extended(load($0, as: Int64.self)) }
        case (.unsigned, 1): words(grid, target, targetStride) { UInt64(load($0, as: UInt8.self)) }
        case (.unsigned, 2): words(grid, target, targetStride) { UInt64(load($0, as: UInt16.self)) }
        case (.unsigned, 4): words(grid, target, targetStride) { UInt64(load($0, as: UInt32.self)) }
        case (.unsigned, _): words(grid, target, targetStride) { load($0, as: UInt64.self) }
        case (.float, 2):
            words(grid, target, targetStride) { Double(Float(half: load($0, as: UInt16.self))).bitPattern }
        case (.float, 4):
            words(grid, target, targetStride) {
                Double(Float(bitPattern: load($0, as: UInt32.self))).bitPattern
            }
        case (.float, _): words(grid, target, targetStride) { load($0, as: UInt64.self) }
        }
    }
}

// MARK: - Loops

extension NumberFormat {
    @inline(__always)
    private func load<Value: FixedWidthInteger & BitwiseCopyable>(
        _ source: UnsafeRawPointer, as _: Value.Type
    ) -> Value {
        let value = source.loadUnaligned(as: Value.self)
        return isSwapped ? value.byteSwapped : value
    }

    @inline(__always)
    private static func extended(_ value: some FixedWidthInteger & SignedInteger) -> UInt64 {
        UInt64(bitPattern: Int64(value))
    }

    @inline(__always)
    private func integers<Value: FixedWidthInteger & BitwiseCopyable>(
        _: Value.Type, _ grid: ValueGrid, _ target: UnsafeMutablePointer<Float>, _ targetStride: Int,
        _ fill: [HDF5Number]
    ) {
        let missing = fill.compactMap { $0.exactly(as: Value.self) }
        if missing.isEmpty {
            each(grid, target, targetStride) { Float(load($0, as: Value.self)) }
        } else {
            each(grid, target, targetStride) { source in
                let value = load(source, as: Value.self)
                return missing.contains(value) ? .nan : Float(value)
            }
        }
    }

    @inline(__always)
    private func floats<Value: BinaryFloatingPoint>(
        _ grid: ValueGrid, _ target: UnsafeMutablePointer<Float>, _ targetStride: Int, _ fill: [HDF5Number],
        _ value: (UnsafeRawPointer) -> Value
    ) {
        // A fill value is compared as the file's type, in which it was written.
        let missing = fill.map { Value($0.double) }
        if missing.isEmpty {
            each(grid, target, targetStride) { Float(value($0)) }
        } else {
            each(grid, target, targetStride) { source in
                let value = value(source)
                return missing.contains(value) ? .nan : Float(value)
            }
        }
    }

    @inline(__always)
    private func words(
        _ grid: ValueGrid, _ target: UnsafeMutablePointer<UInt64>, _ targetStride: Int,
        _ word: (UnsafeRawPointer) -> UInt64
    ) {
        each(grid, target, targetStride, word)
    }

    @inline(__always)
    private func each<Target>(
        _ grid: ValueGrid, _ target: UnsafeMutablePointer<Target>, _ targetStride: Int,
        _ value: (UnsafeRawPointer) -> Target
    ) {
        for row in 0..<grid.rows {
            let source = grid.start + row * grid.rowStride
            let line = target + row * targetStride
            for column in 0..<grid.values { line[column] = value(source + column * grid.valueStride) }
        }
    }

    private func copy(_ grid: ValueGrid, _ target: UnsafeMutablePointer<Float>, _ targetStride: Int) {
        let lineBytes = grid.values * 4
        if grid.rowStride == lineBytes && targetStride == grid.values {
            UnsafeMutableRawPointer(target).copyMemory(from: grid.start, byteCount: grid.rows * lineBytes)
        } else if grid.values == 1 {
            for row in 0..<grid.rows {
                target[row * targetStride] = (grid.start + row * grid.rowStride).loadUnaligned(as: Float.self)
            }
        } else {
            for row in 0..<grid.rows {
                UnsafeMutableRawPointer(target + row * targetStride)
                    .copyMemory(from: grid.start + row * grid.rowStride, byteCount: lineBytes)
            }
        }
    }
}

extension Float {
    /// The number of an IEEE 754 half, exactly.
    init(half bits: UInt16) {
        let sign = UInt32(bits & 0x8000) << 16
        let magnitude = UInt32(bits & 0x7FFF)
        switch magnitude {
        case 0..<0x400:
            // Below 2^-14 halves are multiples of 2^-24.
            let value = Float(magnitude) * 0x1p-24
            self = sign == 0 ? value : -value
        case 0x7C00...: self = Float(bitPattern: sign | 0x7F80_0000 | (magnitude & 0x3FF) << 13)
        default: self = Float(bitPattern: sign | (magnitude << 13 + (127 - 15) << 23))
        }
    }
}
