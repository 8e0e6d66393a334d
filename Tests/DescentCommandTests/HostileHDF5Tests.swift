import Foundation
import TestSupport
import Testing

/// Malformed HDF5: the command answers with a sentence within 10 s and 1 GiB, and never dies by a signal.
@Suite("Hostile HDF5 files")
struct HostileHDF5Tests {
    let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    // MARK: Mutants

    /// Mutants of each of the files: about 50 of all, and 10,000 with `DESCENT_LONG_TESTS=1`.
    private static let mutants = FaultyFolder.runsLongForms ? 0..<400 : 0..<2

    private static let tables: [HostileFile] = [
        .table("TabularTests/Fixtures/matlab.mat"),
        .table("TabularTests/Fixtures/pandas_fixed.h5", training: ["--target", "count"]),
        .table("TabularTests/Fixtures/pandas_table.h5", training: ["--target", "grade"]),
        .table("TabularTests/Fixtures/pandas_two.h5", reading: ["--x", "train"], training: ["--target", "count"]),
        .table(
            "TabularTests/Fixtures/records.h5", reading: ["--x", "events/particles"], training: ["--target", "flag"]),
        .table("TabularTests/Fixtures/types.h5", reading: ["--x", "columns"], training: ["--target", "le_i1"]),
        .table("HDF5Tests/Fixtures/chunks.h5", reading: ["--x", "stored", "--y", "nbit"]),
        .table("HDF5Tests/Fixtures/chunks.h5", reading: ["--x", "scaled", "--y", "checked"]),
        .table("HDF5Tests/Fixtures/chunks.h5", reading: ["--x", "twice", "--y", "partial"]),
        .table("HDF5Tests/Fixtures/numbers.h5", reading: ["--x", "big/f8", "--y", "little/i4"]),
        .table("HDF5Tests/Fixtures/strings.h5", training: ["--target", "variable_ascii"]),
        .table("HDF5Tests/Fixtures/links.h5", reading: ["--x", "soft", "--y", "data/x"]),
        .table("HDF5Tests/Fixtures/hostile.h5", reading: ["--x", "empty", "--y", "garbage"]),
        .table("DescentCommandTests/Fixtures/texts.h5", training: ["--target", "kind"]),
        .table("DescentCommandTests/Fixtures/latest.h5", training: ["--target", "kind"]),
        .table("DescentCommandTests/Fixtures/cycles.h5"),
    ]

    @Test("Mutants of tables", arguments: tables)
    func mutantsOfTables(_ file: HostileFile) throws {
        let faults = try file.faults(mutants: Self.mutants)
        #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
    }

    @Test("Mutants of a table as convert writes it")
    func converted() throws {
        let table = try folder.write(Examples.table(), to: "table.csv")
        let path = folder.path("converted.h5")
        try Command.succeed(["convert", table, path, "--compression", "gzip:1", "--chunk-rows", "8", "--quiet"])
        try mutantsOfTables(.table(path, training: ["--target", "kind"]))
    }

    /// Rows for models of four features, with their targets and without.
    private func rows(withTargets: Bool) throws -> String {
        let rows = (0..<12).map { "\($0).5,\($0 % 5),-\($0).25,\($0 % 3)" + (withTargets ? ",\($0 % 3)\n" : "\n") }
        return try folder.write(
            (withTargets ? "p,q,r,s,y\n" : "p,q,r,s\n") + rows.joined(), to: withTargets ? "rows.csv" : "features.csv")
    }

    private func mutantsOfModel(_ path: String, network: [String] = []) throws {
        try mutantsOfTables(
            .model(path, rows: rows(withTargets: true), features: rows(withTargets: false), network: network))
    }

    @Test(
        "Mutants of models by Keras",
        arguments: [
            "keras2_layers", "keras2_mlp", "keras2_norms", "keras3_functional", "keras3_layers", "keras3_mlp",
            "keras3_norms",
        ])
    func models(_ name: String) throws {
        try mutantsOfModel("ModelFileTests/Fixtures/\(name).h5")
    }

    @Test("Mutants of weights alone")
    func weights() throws {
        let model = Examples.keras("keras3_mlp.h5")
        let path = folder.path("model.weights.h5")
        try Command.succeed(["export", model, path, "--quiet"])
        let archive = folder.path("model.keras")
        try Command.succeed(["export", model, archive, "--quiet"])
        let network = try folder.write(Self.configuration(in: bytes(archive)), to: "network.json")
        try mutantsOfModel(path, network: ["--architecture", network])
    }

    /// The network in an archive of Keras', whose members are stored as they are.
    private static func configuration(in archive: Data) throws -> String {
        let text = String(decoding: archive, as: UTF8.self)
        let start = try #require(text.firstRange(of: "config.json{")).upperBound
        var depth = 1
        let end = try #require(
            text[start...].firstIndex {
                depth += $0 == "{" ? 1 : $0 == "}" ? -1 : 0
                return depth == 0
            })
        return "{" + text[start...end]
    }

    @Test("Mutants of a model that has lost its checksum")
    func unsealed() throws {
        let path = try Examples.model(in: folder)
        let bare = try folder.write(bytes(path).dropLast(64), to: "bare.h5")
        try mutantsOfModel(bare)
    }
}
