internal import Foundation

/// Tables with one fault each, and what must come of them: see `Tests/TabularTests/Fixtures/make_faulty_tables.py`.
public struct FaultyTables: Sendable {
    /// What is wrong with a table and where.
    public struct Refusal: Sendable, Equatable {
        public enum Reason: String, Sendable, Decodable, CaseIterable {
            case open, text, nul, utf8, fields, name, rows, empty

            /// What the sentence for the user says.
            public var sentence: String {
                switch self {
                case .open: "never closed"
                case .text: "text follows a closing quote"
                case .nul: "NUL"
                case .utf8: "not valid UTF-8"
                case .fields: "as in line"
                case .name: "the same name"
                case .rows: "no row below"
                case .empty: "the file is empty"
                }
            }
        }

        public let reason: Reason
        /// From 1; `nil` for a table without any line.
        public let line: Int?
        /// From 0; `nil` where the fault is not in one.
        public let column: Int?
    }

    public struct Table: Sendable, CustomStringConvertible {
        public let kind: String
        public let bytes: [UInt8]
        public let separator: UInt8
        public let quote: UInt8
        /// All records; `nil` where the table is refused.
        public let records: [[String]]?
        /// The lines on which they start.
        public let lines: [Int]
        public let refusal: Refusal?
        /// What is wrong where the first record is a header.
        public let headerRefusal: Refusal?

        public var description: String { "\(kind): \(String(decoding: bytes, as: UTF8.self).debugDescription)" }
    }

    public let tables: [Table]
    /// The bits of the float nearest to every text that is a number.
    public let numbers: [String: UInt32]

    /// Where the compressed fixture lies.
    public static let path = Datasets.repository.appendingPathComponent(
        "Tests/TabularTests/Fixtures/faulty_tables.json.gz"
    ).path

    /// Reads the fixture, which is decompressed.
    public init(json: [UInt8]) throws {
        let stored = try JSONDecoder().decode(Stored.self, from: Data(json))
        numbers = stored.numbers
        tables = stored.files.compactMap { $0.table(of: stored.bases) }
    }
}

/// A clean table.
private struct Base: Decodable {
    let text: String
    let separator: String
    let quote: String
    let rows: [[String]]
}

/// What is put in the place of some elements.
private struct Change: Decodable {
    let at: Int
    let cut: Int
    let put: [[String]]
}

private struct Stored: Decodable {
    let bases: [String: Base]
    let numbers: [String: UInt32]
    let files: [StoredFile]
}

private struct StoredFile: Decodable {
    let kind: String
    let base: String
    let at: Int
    let cut: Int
    let put: String
    let separator: String?
    let quote: String?
    let rows: Change?
    let lines: [Int]?
    let error: StoredRefusal?
    let headerError: StoredRefusal?

    func table(of bases: [String: Base]) -> FaultyTables.Table? {
        guard let base = bases[base] else { return nil }
        var bytes = base.text.bytes
        bytes.replaceSubrange(at..<at + cut, with: put.bytes)
        var records: [[String]]?
        if let rows {
            records = base.rows
            records?.replaceSubrange(rows.at..<rows.at + rows.cut, with: rows.put)
        }
        return FaultyTables.Table(
            kind: kind, bytes: bytes, separator: (separator ?? base.separator).bytes[0],
            quote: (quote ?? base.quote).bytes[0], records: records,
            lines: lines ?? Array(1...max(1, records?.count ?? 0)),
            refusal: error?.refusal, headerRefusal: headerError?.refusal)
    }
}

/// Reason, line and column, one after another.
private struct StoredRefusal: Decodable {
    let refusal: FaultyTables.Refusal

    init(from decoder: any Decoder) throws {
        var parts = try decoder.unkeyedContainer()
        refusal = FaultyTables.Refusal(
            reason: try parts.decode(FaultyTables.Refusal.Reason.self), line: try parts.decode(Int?.self),
            column: try parts.decode(Int?.self))
    }
}

extension String {
    /// The bytes of a text in which every byte is written as one character.
    fileprivate var bytes: [UInt8] { unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }
}
