#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The numbers that a moment becomes.
///
/// The day counts on, for what grows or shrinks with time. Where in the year, the week and the day a moment lies comes
/// back, so each is a point on a circle, by sine and cosine: the last of December is next to the first of January.
struct TimeParts {
    let hasDate: Bool
    let hasClock: Bool

    /// How many they are.
    var count: Int { (hasDate ? 5 : 0) + (hasClock ? 2 : 0) }

    /// What each is called, for a column's name.
    func names(of column: String) -> [String] {
        let date = ["(day)", "(year sin)", "(year cos)", "(week sin)", "(week cos)"]
        return ((hasDate ? date : []) + (hasClock ? ["(clock sin)", "(clock cos)"] : [])).map { column + $0 }
    }

    /// Writes the parts of a moment, given in seconds since 1970 or as NaN where it is missing.
    func write(_ seconds: Double, to inputs: UnsafeMutablePointer<Float>) {
        guard !seconds.isNaN else {
            inputs.update(repeating: .nan, count: count)
            return
        }
        let days = seconds / 86_400
        let day = days.rounded(.down)
        if hasDate {
            let year = Self.year(ofDay: Int(day))
            let start = Self.firstDay(ofYear: year)
            inputs[0] = Float(days)
            Self.writeAngle((days - start) / (Self.firstDay(ofYear: year + 1) - start), to: inputs + 1)
            // The first day of 1970 was a Thursday.
            let weekday = (day + 3).truncatingRemainder(dividingBy: 7)
            Self.writeAngle((weekday < 0 ? weekday + 7 : weekday) / 7, to: inputs + 3)
        }
        if hasClock { Self.writeAngle(days - day, to: inputs + (hasDate ? 5 : 0)) }
    }

    private static func writeAngle(_ turns: Double, to inputs: UnsafeMutablePointer<Float>) {
        inputs[0] = Float(sin(2 * .pi * turns))
        inputs[1] = Float(cos(2 * .pi * turns))
    }

    private static func firstDay(ofYear year: Int) -> Double { TimeText.days(year, 1, 1) ?? 0 }

    /// The year of a day since 1970 (Hinnant 2013).
    private static func year(ofDay day: Int) -> Int {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // Counted from March on.
        return yearOfEra + era * 400 + (dayOfYear >= 306 ? 1 : 0)
    }

    /// A day since 1970 as `2024-05-31`.
    static func text(ofDay day: Double) -> String {
        guard day.magnitude < 4e6 else { return "\(day)" }
        let whole = Int(day.rounded(.down))
        let year = year(ofDay: whole)
        var month = 12
        while month > 1, Double(whole) < TimeText.days(year, month, 1) ?? 0 { month -= 1 }
        let dayOfMonth = whole - Int(TimeText.days(year, month, 1) ?? 0) + 1
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(two(month))-\(two(dayOfMonth))"
    }
}
