internal import ArgumentParser

/// A number of bytes as people write it: `512M`, `1G`, `1.5GiB`; units are powers of 1024.
struct ByteSize: ExpressibleByArgument, Hashable {
    let bytes: Int

    init?(argument: String) {
        let text = argument.uppercased()
        let digits = text.prefix { $0.isNumber || $0 == "." }
        var unit = text.dropFirst(digits.count)
        if unit.hasSuffix("IB") { unit = unit.dropLast(2) } else if unit.hasSuffix("B") { unit = unit.dropLast() }
        guard let power = ["", "K", "M", "G", "T"].firstIndex(of: unit), let number = Double(digits) else { return nil }
        let bytes = number * Double(1 << (10 * power))
        guard bytes >= 1, bytes < 0x1p62 else { return nil }
        self.bytes = Int(bytes)
    }

    init(bytes: Int) { self.bytes = bytes }

    var defaultValueDescription: String { description }

    var description: String {
        for (unit, power) in [("G", 30), ("M", 20), ("K", 10)] where bytes >= 1 << power {
            let tenths = (10 * bytes + (1 << power) - 1) >> power
            return tenths % 10 == 0 || tenths >= 1000 ? "\(tenths / 10)\(unit)" : "\(tenths / 10).\(tenths % 10)\(unit)"
        }
        return "\(bytes)"
    }
}
