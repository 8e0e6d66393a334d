import Foundation
import HDF5
import TestSupport
import Testing

@testable import Tabular

@Suite("Table")
struct TableTests {
    @Test("A file and the name of its target are enough")
    func contentsOf() throws {
        let table = try Table(contentsOf: Datasets.path("iris.csv"), target: "species")
        #expect(table.featureCount == 4)
        #expect(table.classCount == 3)
        #expect(table.training.count == 150)
        #expect(table.validation == nil)
        #expect(table.encoding.schema.target.columns == ["species"])
    }

    @Test("Rows are held out")
    func split() throws {
        let table = try Table(contentsOf: Datasets.path("iris.csv"), target: "species", validationSplit: 0.2, seed: 1)
        #expect(table.training.count == 120)
        let validation = try #require(table.validation)
        #expect(validation.count == 30)
        let rows = (0..<120).map { table.training.row($0) } + (0..<30).map { validation.row($0) }
        #expect(Set(rows).count == 150)
        let labels = try #require(validation.samples.labels)
        #expect((0..<3).map { label in (0..<30).count { labels[validation.row($0)] == label } } == [10, 10, 10])
    }

    @Test("A regression has no classes")
    func regression() throws {
        let table = try Table(contentsOf: Datasets.path("diabetes.csv"), target: "progression")
        #expect(table.classCount == 0)
        #expect(table.training.samples.values?.count == 442)
    }

    @Test("The pair of matrices in an HDF5 file needs no name; bytes are divided by 255")
    func hdf5() throws {
        try HDF5Sample.with { root in
            try root.createDataset("x", shape: [4, 2], values: [UInt8(0), 51, 102, 153, 204, 255, 0, 255])
            try root.createDataset("y", shape: [4], values: [Int32(0), 1, 0, 1])
        } _: { path in
            let table = try Table(contentsOf: path)
            let found = table.training.samples.rows.flatMap { $0 }
            #expect(
                Tolerance(ulps: 2).disagreement(of: found, with: [0, 0.2, 0.4, 0.6, 0.8, 1, 0, 1] as [Double]) == nil)
            #expect(table.training.samples.labels == [0, 1, 0, 1])
            #expect(table.encoding.schema.isMatrix)
            #expect(table.notes.contains { $0.contains("divided by 255") })
        }
    }

    @Test("Errors name the file")
    func errors() throws {
        let missing = thrownError { () throws(TableError) in _ = try Table(contentsOf: "/nowhere/t.csv", target: "t") }
        #expect(missing?.kind == .noInput)
        let target = thrownError { () throws(TableError) in
            _ = try Table(contentsOf: Datasets.path("iris.csv"), target: "specie")
        }
        #expect(target?.kind == .badRequest)
        #expect(target?.message.contains("did you mean 'species'?") == true)
        let none = thrownError { () throws(TableError) in _ = try Table(contentsOf: Datasets.path("iris.csv")) }
        #expect(none?.kind == .badRequest)
    }

    @Test("A share too small to be a row is told, or refused where the user asked for it")
    func tooFew() throws {
        let source = try CSVSource(text: "a,t\n1,x\n2,y\n3,x\n")
        let options = SchemaOptions.target("t")
        let table = try Table(source, options: options, validationSplit: 0.1, requiresSplit: false)
        #expect(table.validation == nil)
        #expect(table.training.count == 3)
        #expect(table.notes.contains { $0.contains("3 rows are too few") })
        let error = thrownError { () throws(TableError) in
            _ = try Table(source, options: options, validationSplit: 0.1, requiresSplit: true)
        }
        #expect(error?.kind == .badData)
    }

    @Test("The fingerprint tells data apart")
    func fingerprint() throws {
        let text = csv("a,b,t", rows: 40) { "\($0),\($0 * $0),\($0 % 2)" }
        func fingerprint(_ text: String, seed: UInt64 = 0, split: Double = 0.25) throws -> String {
            try prepare(text, .target("t"), validationSplit: split, seed: seed).fingerprint
        }
        let first = try fingerprint(text)
        #expect(first.count == 16 && first.allSatisfy(\.isHexDigit))
        #expect(try fingerprint(text) == first)
        #expect(try fingerprint(text, seed: 1) != first)
        #expect(try fingerprint(text.replacingOccurrences(of: "\n7,49,1", with: "\n7,49,0")) != first)
        #expect(try fingerprint(text.replacingOccurrences(of: "\n7,49,1", with: "\n7,48,1")) != first)
        #expect(try fingerprint(text.replacingOccurrences(of: "\n7,49,1\n8,64,0", with: "\n8,64,0\n7,49,1")) != first)
    }
}
