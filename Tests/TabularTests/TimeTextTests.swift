import Foundation
import LinearAlgebra
import Testing

@testable import Tabular

@Suite("Dates and times in texts")
struct TimeTextTests {
    private static func seconds(_ iso: String) throws -> Double {
        try #require(ISO8601DateFormatter().date(from: iso)).timeIntervalSince1970
    }

    /// Foundation reads the same moment in ISO 8601, in Universal Time.
    @Test(
        "Known forms, with zones read over",
        arguments: [
            ("2024-05-31", "2024-05-31T00:00:00Z"), ("2024-5-3", "2024-05-03T00:00:00Z"),
            ("2024/05/31", "2024-05-31T00:00:00Z"), ("2024.05.31", "2024-05-31T00:00:00Z"),
            ("2024-05", "2024-05-01T00:00:00Z"), ("31.05.2024", "2024-05-31T00:00:00Z"),
            ("1.2.1999", "1999-02-01T00:00:00Z"), ("31 May 2024", "2024-05-31T00:00:00Z"),
            ("31-May-2024", "2024-05-31T00:00:00Z"), ("5 december 1890", "1890-12-05T00:00:00Z"),
            ("May 31, 2024", "2024-05-31T00:00:00Z"), ("SEPT 1 2001", "2001-09-01T00:00:00Z"),
            ("2024-02-29T17:30", "2024-02-29T17:30:00Z"), ("2024-02-29 17:30:05", "2024-02-29T17:30:05Z"),
            ("2024-02-29t17:30:05Z", "2024-02-29T17:30:05Z"), ("2024-02-29T17:30:05+02:00", "2024-02-29T17:30:05Z"),
            ("2024-02-29T17:30:05-0800", "2024-02-29T17:30:05Z"), ("2024-02-29T17:30+02", "2024-02-29T17:30:00Z"),
            ("20240229T173005", "2024-02-29T17:30:05Z"), ("20240229T1730Z", "2024-02-29T17:30:00Z"),
            ("31.05.2024 7:05", "2024-05-31T07:05:00Z"), ("May 31, 2024 23:59:59", "2024-05-31T23:59:59Z"),
            ("2016-12-31T23:59:60", "2017-01-01T00:00:00Z"), ("17:30", "1970-01-01T17:30:00Z"),
            ("7:30:15", "1970-01-01T07:30:15Z"), ("0001-01-01", "0001-01-03T00:00:00Z"),
            ("9999-12-31T23:59:59", "9999-12-31T23:59:59Z"),
        ])
    func forms(_ text: String, _ iso: String) throws {
        // Foundation counts the years before 1582 by Julius Caesar's calendar, two days later in the year 1.
        let expected = try Self.seconds(iso)
        #expect(TimeText.seconds(text, isDeclared: false) == expected, "\(text)")
        #expect(TimeText.seconds(text, isDeclared: true) == TimeText.seconds(text, isDeclared: false))
    }

    @Test("Fractions of seconds")
    func fractions() throws {
        let whole = try Self.seconds("2024-02-29T17:30:05Z")
        #expect(TimeText.seconds("2024-02-29T17:30:05.25", isDeclared: false) == whole + 0.25)
        #expect(TimeText.seconds("2024-02-29 17:30:05,125+01:00", isDeclared: false) == whole + 0.125)
    }

    @Test(
        "What is none",
        arguments: [
            "", "x", "2024", "12:5", "24:00", "12:60", "12:30:61", "2024-13-01", "2024-00-01", "2024-02-30",
            "2023-02-29", "1900-02-29", "2024-05-31T", "2024-05-31T25:00", "2024-05-31 17", "2024-05-31x",
            "2024-05-31T17:30Y", "2024-05-31T17:30+", "2024-05-31T17:30+1", "05/31/2024", "31/05/2024", "04-05-2024",
            "2024-05/31", "31.05.24", "1.2.3", "192.168.1.1", "10.0.0.1", "May", "may be", "Mayor 31, 2024",
            "31 Mai 2024", "31 Ma 2024", "31 Septembers 2024", "May 2024", "20240531", "1717113600", "2024.05", "-5",
            "2024-05-31T17:30:05.", "99999999999999999999-01-01", "2024-05-31T17:30:00+02:00:00", "１２:３０",
        ])
    func none(_ text: String) { #expect(TimeText.seconds(text, isDeclared: false) == nil, "\(text)") }

    @Test("Numbers are dates where a column is declared to hold them")
    func numbers() throws {
        let day = try Self.seconds("2024-05-31T00:00:00Z")
        #expect(TimeText.seconds("20240531", isDeclared: true) == day)
        #expect(TimeText.seconds("1717113600", isDeclared: true) == day)
        #expect(TimeText.seconds("1717113600.5", isDeclared: true) == day + 0.5)
        #expect(TimeText.seconds("999999999", isDeclared: true) == 999_999_999)
        #expect(TimeText.seconds("1717113600250", isDeclared: true) == day + 0.25)
        #expect(TimeText.seconds("1717113600250000", isDeclared: true) == day + 0.25)
        let nanoseconds = try #require(TimeText.seconds("1717113600250000000", isDeclared: true))
        #expect(abs(nanoseconds - day - 0.25) < 1e-6)
        for text in ["20241331", "12345678901", "1", "12", "1234567", "1e9", "99999999999999999999", "-1717113600"] {
            #expect(TimeText.seconds(text, isDeclared: true) == nil, "\(text)")
        }
    }

    @Test("Every day of eight centuries is Foundation's")
    func days() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        let parts = TimeParts(hasDate: true, hasClock: false)
        let found = SharedBuffer<Float>(count: 5)
        for day in stride(from: -140_000, to: 150_000, by: 89) {
            let date = Date(timeIntervalSince1970: Double(day) * 86_400)
            let fields = calendar.dateComponents([.year, .month, .day, .weekday], from: date)
            let (year, month, dayOfMonth) = (fields.year ?? 0, fields.month ?? 0, fields.day ?? 0)
            #expect(TimeText.days(year, month, dayOfMonth) == Double(day))
            let text = String(format: "%04d-%02d-%02d", year, month, dayOfMonth)
            #expect(TimeParts.text(ofDay: Double(day)) == (year < 1000 ? TimeParts.text(ofDay: Double(day)) : text))
            let dayOfYear = Double((calendar.ordinality(of: .day, in: .year, for: date) ?? 0) - 1)
            let length = Double(calendar.range(of: .day, in: .year, for: date)?.count ?? 0)
            parts.write(Double(day) * 86_400, to: found.base)
            let monday = Double(((fields.weekday ?? 0) + 5) % 7)
            let angles = [2 * .pi * dayOfYear / length, 2 * .pi * monday / 7]
            #expect(
                found.elements == [
                    Float(day), Float(sin(angles[0])), Float(cos(angles[0])), Float(sin(angles[1])),
                    Float(cos(angles[1])),
                ])
        }
    }

    @Test("The clock goes round, also before 1970; what is missing is missing in every part")
    func clock() {
        let parts = TimeParts(hasDate: false, hasClock: true)
        let found = SharedBuffer<Float>(count: 2)
        parts.write(6 * 3_600, to: found.base)
        #expect(abs(found[0] - 1) < 1e-7 && abs(found[1]) < 1e-7)
        parts.write(-6 * 3_600, to: found.base)
        #expect(abs(found[0] + 1) < 1e-7 && abs(found[1]) < 1e-7)
        parts.write(.nan, to: found.base)
        #expect(found.elements.allSatisfy { $0.isNaN })
        #expect(TimeParts(hasDate: true, hasClock: true).names(of: "d").count == 7)
    }
}
