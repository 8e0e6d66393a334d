#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Numbers as people read them.
enum NumberFormat {
    /// A metric: four decimals, or four digits where that says nothing.
    static func metric(_ value: Double) -> String {
        if value == 0 || (abs(value) >= 0.001 && abs(value) < 10_000) { return fixed(value, decimals: 4) }
        return formatted("%.4g", value)
    }

    /// A fixed number of decimals.
    static func fixed(_ value: Double, decimals: Int) -> String {
        formatted("%.\(decimals)f", value)
    }

    /// 1234567 as `1,234,567`.
    static func grouped(_ value: Int) -> String {
        let digits = String(abs(value))
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { result += "," }
            result.append(digit)
        }
        return (value < 0 ? "-" : "") + result
    }

    /// `1 epoch`, `2 epochs`.
    static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    /// 289000 as `289k`.
    static func rate(_ value: Double) -> String {
        switch value {
        case 10_000_000...: fixed(value / 1e6, decimals: 0) + "M"
        case 1_000_000...: fixed(value / 1e6, decimals: 1) + "M"
        case 10_000...: fixed(value / 1e3, decimals: 0) + "k"
        case 1_000...: fixed(value / 1e3, decimals: 1) + "k"
        default: fixed(value, decimals: 0)
        }
    }

    /// 75.2 as `1m 15s`.
    static func duration(_ seconds: Double) -> String {
        if seconds < 10 { return fixed(seconds, decimals: 1) + "s" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole)s" }
        if whole < 3600 { return "\(whole / 60)m \(whole % 60)s" }
        return "\(whole / 3600)h \(whole / 60 % 60)m"
    }

    private static func formatted(_ format: String, _ value: Double) -> String {
        withVaList([value]) { arguments in
            var buffer = [CChar](repeating: 0, count: 64)
            let count = vsnprintf(&buffer, buffer.count, format, arguments)
            return String(decoding: buffer.prefix(Int(max(0, count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
