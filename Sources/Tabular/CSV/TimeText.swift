/// What a text says as a date or a time of day.
///
/// A moment is counted in seconds from the start of 1970, as written: a zone behind it is read over, since the hour that
/// the clock showed is what habits follow. A time of day alone is one of that first day. Known are
/// - ISO 8601: `2024-05-31`, `20240531T173000`, `2024-05`, with `T` or a blank and `17:30`, `17:30:05.25`, then `Z`,
///   `+02`, `+0200` or `+02:00`; slashes or points for the dashes;
/// - `31.05.2024`, in which the day comes first wherever it is written;
/// - `31 May 2024`, `31-May-2024` and `May 31, 2024`, with English names of at least three letters;
/// - `17:30` and `17:30:05` alone;
/// - where a column is declared to hold dates: `20240531`, and seconds, milliseconds, microseconds or nanoseconds since
///   1970, told apart by their 9 to 10, 12 to 13, 15 to 16 and 18 to 19 digits.
///
/// `05/31/2024` is not: some read it as the 31st of May, and `04/05/2024` shows how the rest read it.
struct TimeText {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    /// The seconds since 1970; `nil` where the text is no date and no time.
    ///
    /// - Parameter isDeclared: Whether numbers may be dates too.
    static func seconds(_ bytes: UnsafeBufferPointer<UInt8>, isDeclared: Bool) -> Double? {
        // Nearly all texts are told apart by their first byte or their length.
        guard let first = bytes.first, (4...40).contains(bytes.count), ASCII.isDigit(first) || isLetter(first) else {
            return nil
        }
        var text = TimeText(bytes: bytes)
        if isDeclared, let seconds = text.number() { return seconds }
        text.position = 0
        guard let days = text.date() else {
            text.position = 0
            guard let clock = text.clock(), text.isAtEnd else { return nil }
            return clock
        }
        guard !text.isAtEnd else { return days * 86_400 }
        guard text.skip(where: { $0 == UInt8(ascii: "T") || $0 == UInt8(ascii: "t") || $0 == ASCII.space }),
            let clock = text.clock(), text.zone(), text.isAtEnd
        else { return nil }
        return days * 86_400 + clock
    }

    /// The same for a string.
    static func seconds(_ text: String, isDeclared: Bool) -> Double? {
        var text = text
        return text.withUTF8 { seconds($0, isDeclared: isDeclared) }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    // MARK: Dates

    private mutating func date() -> Double? {
        let start = position
        if let named = namedDate() { return named }
        position = start
        let digits = digitRun()
        if digits == 8 {
            guard let year = number(at: start, 4), let month = number(at: start + 4, 2),
                let day = number(at: start + 6, 2),
                // Eight digits alone are a number; a time behind them makes them a date.
                position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "t")
            else { return nil }
            return Self.days(year, month, day)
        }
        guard let mark = peek, mark == UInt8(ascii: "-") || mark == UInt8(ascii: "/") || mark == ASCII.point else {
            return nil
        }
        if digits == 4, let year = number(at: start, 4) {
            position += 1
            guard let month = twoDigits() else { return nil }
            guard peek == mark else { return mark == UInt8(ascii: "-") ? Self.days(year, month, 1) : nil }
            position += 1
            return twoDigits().flatMap { Self.days(year, month, $0) }
        }
        guard mark == ASCII.point, digits == 1 || digits == 2, let day = number(at: start, digits) else { return nil }
        position += 1
        guard let month = twoDigits(), peek == mark else { return nil }
        position += 1
        let year = position
        guard digitRun() == 4 else { return nil }
        return number(at: year, 4).flatMap { Self.days($0, month, day) }
    }

    /// `31 May 2024`, `31-May-2024` or `May 31, 2024`.
    private mutating func namedDate() -> Double? {
        var day: Int?
        if let first = peek, ASCII.isDigit(first) {
            day = twoDigits()
            guard day != nil, skipSeparator() else { return nil }
        }
        guard let month = monthName(), skipSeparator() else { return nil }
        if day == nil {
            day = twoDigits()
            guard day != nil else { return nil }
            if peek == ASCII.comma { position += 1 }
            guard skipSeparator() else { return nil }
        }
        let start = position
        guard let day, digitRun() == 4, let year = number(at: start, 4) else { return nil }
        return Self.days(year, month, day)
    }

    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ].map { Array($0.utf8) }
    private static let monthKeys = months.map { key($0[0], $0[1], $0[2]) }

    private static func key(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> UInt32 {
        (UInt32(first) << 16 | UInt32(second) << 8 | UInt32(third)) | 0x20_2020
    }

    private mutating func monthName() -> Int? {
        let start = position
        // Words come by the million: three letters tell that most are no month.
        guard start + 3 <= bytes.count,
            let month = Self.monthKeys.firstIndex(of: Self.key(bytes[start], bytes[start + 1], bytes[start + 2]))
        else { return nil }
        while let byte = peek, Self.isLetter(byte) { position += 1 }
        guard Self.months[month].starts(with: bytes[start..<position].map { $0 | 0x20 }) else { return nil }
        return month + 1
    }

    /// Days from the first of 1970 (Hinnant 2013); `nil` where there is no such day.
    static func days(_ year: Int, _ month: Int, _ day: Int) -> Double? {
        guard (1...12).contains(month), day >= 1 else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let longest = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        guard day <= longest else { return nil }
        let shifted = month > 2 ? year : year - 1
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return Double(era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468)
    }

    // MARK: Times

    private mutating func clock() -> Double? {
        let start = position
        let digits = digitRun()
        if digits == 4 || digits == 6 {
            guard start > 0, let hour = number(at: start, 2), let minute = number(at: start + 2, 2) else { return nil }
            return clock(hour, minute, digits == 6 ? number(at: start + 4, 2) : 0)
        }
        guard digits == 1 || digits == 2, let hour = number(at: start, digits),
            skip(where: { $0 == UInt8(ascii: ":") }),
            let minute = twoDigits(exactly: true)
        else { return nil }
        guard peek == UInt8(ascii: ":") else { return clock(hour, minute, 0) }
        position += 1
        return clock(hour, minute, twoDigits(exactly: true))
    }

    private mutating func clock(_ hour: Int, _ minute: Int, _ second: Int?) -> Double? {
        // A leap second is the first of the next minute.
        guard let second, hour < 24, minute < 60, second <= 60 else { return nil }
        guard let fraction = fraction() else { return nil }
        return Double(hour * 3_600 + minute * 60 + second) + fraction
    }

    /// The digits behind a decimal mark, if there is one.
    private mutating func fraction() -> Double? {
        guard peek == ASCII.point || peek == ASCII.comma else { return 0 }
        position += 1
        var fraction = 0.0
        var place = 1.0
        while let byte = peek, ASCII.isDigit(byte) {
            place *= 10
            fraction = fraction * 10 + Double(byte - ASCII.zero)
            position += 1
        }
        return place > 1 ? fraction / place : nil
    }

    /// Reads over a zone, if there is one.
    private mutating func zone() -> Bool {
        guard let sign = peek else { return true }
        if sign | 0x20 == UInt8(ascii: "z") {
            position += 1
            return true
        }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return false }
        position += 1
        let digits = digitRun()
        if digits == 2, peek == UInt8(ascii: ":") {
            position += 1
            return digitRun() == 2
        }
        return digits == 2 || digits == 4
    }

    // MARK: Numbers

    /// A date of eight digits, or a count since 1970 in a unit that its digits tell.
    private mutating func number() -> Double? {
        let digits = digitRun()
        guard let fraction = digits > 8 ? fraction() : 0, isAtEnd else { return nil }
        if digits == 8, let year = number(at: 0, 4), let month = number(at: 4, 2), let day = number(at: 6, 2) {
            return Self.days(year, month, day).map { $0 * 86_400 }
        }
        guard let whole = number(at: 0, digits) else { return nil }
        let count = Double(whole) + fraction
        return switch digits {
        case 9, 10: count
        case 12, 13: count / 1e3
        case 15, 16: count / 1e6
        case 18, 19: count / 1e9
        default: nil
        }
    }

    // MARK: Bytes

    private var isAtEnd: Bool { position == bytes.count }
    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private mutating func skip(where isWanted: (UInt8) -> Bool) -> Bool {
        guard let byte = peek, isWanted(byte) else { return false }
        position += 1
        return true
    }

    private mutating func skipSeparator() -> Bool { skip { $0 == ASCII.space || $0 == UInt8(ascii: "-") } }

    /// Steps over digits; how many.
    private mutating func digitRun() -> Int {
        let start = position
        while let byte = peek, ASCII.isDigit(byte) { position += 1 }
        return position - start
    }

    private mutating func twoDigits(exactly: Bool = false) -> Int? {
        let start = position
        let count = digitRun()
        guard count == 2 || (count == 1 && !exactly) else { return nil }
        return number(at: start, count)
    }

    private func number(at start: Int, _ count: Int) -> Int? {
        guard count > 0, start + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[start..<start + count] {
            guard ASCII.isDigit(byte) else { return nil }
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = scaled.addingReportingOverflow(Int(byte - ASCII.zero))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }
}
