import HDF5
import Testing

@testable import Tabular

@Suite("An audit of a table")
struct TableAuditTests {
    /// 60 rows: a class, itself again, itself renamed, numbers, one of them twice, and columns that tell nothing.
    private static let table = csv("k,again,code,a,b,a2,one,none,target,id", rows: 60) { row in
        let kind = ["x", "y", "z"][row * 7 % 3]
        return "\(kind),\(kind),\(["7", "5", "9"][row * 7 % 3]),\(row % 10),\(Double(row % 10) * 2 + 1),\(row % 10),3,,"
            + "\(row % 4),\(row)"
    }

    private func audit(_ target: String?) throws -> TableAudit {
        try TableAudit(of: CSVSource(text: Self.table), target: target.map { ColumnPattern(name: $0) })
    }

    @Test("Constant columns, and columns that are the same")
    func columns() throws {
        let audit = try audit(nil)
        #expect(audit.constant == ["one", "none"])
        #expect(audit.duplicates == [["k", "again"], ["a", "a2"]])
        #expect(audit.targetIsGuessed)
        #expect(audit.target == 8)
        #expect(audit.classes.map(\.label) == ["0", "1", "2", "3"])
        #expect(audit.classes.map(\.count) == [15, 15, 15, 15])
        #expect(audit.leaks == [])
        // The features are 3 + 3 levels, six numbers, one of them constant; then the target.
        #expect(audit.memoryBytes == 60 * 4 * (6 + 6 + 1))
    }

    @Test("A column that is the target, or the target under other names")
    func leaks() throws {
        let audit = try audit("k")
        #expect(!audit.targetIsGuessed)
        #expect(
            audit.leaks == [
                .init(column: "again", kind: .equal), .init(column: "code", kind: .renamed),
            ])
    }

    @Test("A column that goes with the target, but for rounding")
    func correlation() throws {
        let leaks = try audit("a").leaks
        #expect(leaks.map(\.column) == ["b", "a2"])
        #expect(leaks[1].kind == .equal)
        // b = 2a + 1, which is one-to-one too.
        #expect(leaks[0].kind == .renamed)
        let noisy = csv("t,v,w", rows: 3000) {
            "\(Double($0).squareRoot()),\(Double($0).squareRoot() * -3 + Double($0 % 2) * 0.1),\($0)"
        }
        let found = try TableAudit(of: CSVSource(text: noisy), target: ColumnPattern(name: "t")).leaks
        #expect(found.map(\.column) == ["v"])
        guard case .correlated(let r)? = found.first?.kind else {
            Issue.record("not correlated")
            return
        }
        #expect(r < -0.999 && r > -1)
    }

    @Test("An identifier is no leak, though each of its values goes with one of the target's")
    func identifier() throws {
        let table = csv("id,t", rows: 50) { "n\($0 * 17 % 50),\($0)" }
        #expect(try TableAudit(of: CSVSource(text: table), target: ColumnPattern(name: "t")).leaks == [])
    }

    @Test("How datasets are stored, and what reading a row costs")
    func storage() throws {
        let fill: (Group) throws -> Void = { root in
            try root.createDataset(
                "x", shape: [1000, 4], values: (0..<4000).map { Float($0 % 7) },
                options: DatasetOptions(chunkShape: [250, 2], deflate: 1))
            try root.createDataset("y", shape: [1000], values: (0..<1000).map { Int32($0 % 2) })
        }
        try HDF5Sample.with(fill) { path in
            let storage = try HDF5Source(path: path).storage
            #expect(storage.map(\.path) == ["/x", "/y"])
            #expect(storage[0].chunkShape == [250, 2])
            #expect(storage[0].filters == ["deflate"])
            #expect(storage[0].rowsPerAccess == 250)
            #expect(storage[0].bytesPerAccess == 250 * 16)
            #expect(storage[0].sequentialAmplification == 1)
            #expect(storage[1].chunkShape == nil)
            #expect(!storage[1].isUnfavourable)
        }
    }

    @Test("Chunks that are columns of a large matrix are unpacked again and again")
    func columnChunks() throws {
        let rows = 3_000_000
        let fill: (Group) throws -> Void = { root in
            try root.createDataset(
                "x", shape: [rows, 8], values: [UInt8](repeating: 1, count: rows * 8),
                options: DatasetOptions(chunkShape: [rows, 1], deflate: 1))
        }
        try HDF5Sample.with(fill) { path in
            let storage = try HDF5Source(path: path, features: "/x").storage[0]
            #expect(storage.rowsPerAccess == rows)
            #expect(storage.sequentialAmplification >= 1)
            #expect(storage.isUnfavourable == (storage.sequentialAmplification > 1.05))
        }
    }
}
