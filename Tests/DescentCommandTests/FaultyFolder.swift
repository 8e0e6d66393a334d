import Foundation
import ModelFile
import TestSupport
import Testing

/// A folder with a model in it and the one before that, in which a run of the command can be killed or failed at any of
/// its system calls: see `Tests/FaultInjection/faults.c`.
final class FaultyFolder {
    /// What to do to the call of this number, from 1.
    struct Fault: Sendable {
        var kind: String
        var call: Int
        var isSticky = false
    }

    /// Whether the long forms of tests run: `DESCENT_LONG_TESTS=1`.
    static let runsLongForms = ProcessInfo.processInfo.environment["DESCENT_LONG_TESTS"] == "1"

    let directory: TemporaryDirectory
    private let beside: TemporaryDirectory
    private let table: String
    /// What makes calls fail.
    private let library: String
    private let writeLimit: Int
    private let layers: String
    /// The model two runs ago, of the run before, and that every run here writes; `nil`: none was there.
    private let older: Data?
    let old: Data?
    let new: Data

    /// - Parameters:
    ///   - hasModels: Whether there are two models already.
    ///   - writeLimit: The most bytes that a write takes, so that a small file takes many of them; 0: as many as it is given.
    ///   - layers: The network's.
    init(hasModels: Bool = true, writeLimit: Int, layers: String = "4") throws {
        let beside = try TemporaryDirectory()
        let table = try beside.write(Examples.table(), to: "table.csv")
        func model(seed: Int) throws -> Data {
            let path = beside.path("model-\(seed).h5")
            try Command.succeed(Self.arguments(table, layers: layers, seed: seed, output: path))
            return try bytes(path)
        }
        directory = try TemporaryDirectory()
        self.beside = beside
        self.table = table
        self.writeLimit = writeLimit
        self.layers = layers
        older = hasModels ? try model(seed: 1) : nil
        old = hasModels ? try model(seed: 2) : nil
        new = try model(seed: 3)
        library = beside.path("faults.so")
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/env")
        let source = Datasets.repository.appending(path: "Tests/FaultInjection/faults.c").path()
        compiler.arguments = ["clang", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0)
        try #require(old != new && (older != old || !hasModels))
    }

    var model: String { directory.path("model.h5") }

    private static func arguments(_ table: String, layers: String, seed: Int, output: String) -> [String] {
        [
            "train", table, "--target", "kind", "--layers", layers, "--epochs", "1", "--workers", "1", "--quiet",
            "--seed",
            "\(seed)", "--output", output,
        ]
    }

    /// Trains into the folder as it was at first, and meets the fault.
    func train(_ fault: Fault?, log: String? = nil) throws -> Command.Result {
        for name in try directory.contents { try FileManager.default.removeItem(atPath: directory.path(name)) }
        for (name, content) in [("model.previous.h5", older), ("model.h5", old)] {
            guard let content else { continue }
            _ = try directory.write(content, to: name)
        }
        var environment = [
            "LD_PRELOAD": library, "FAULT_FOLDER": directory.path,
            "FAULT_WRITE_LIMIT": String(writeLimit),
        ]
        if let fault {
            environment["FAULT_KIND"] = fault.kind
            environment["FAULT_AT"] = String(fault.call)
            environment["FAULT_STICKY"] = fault.isSticky ? "1" : "0"
        }
        environment["FAULT_LOG"] = log
        return try Command.run(
            Self.arguments(table, layers: layers, seed: 3, output: model), environment: environment)
    }

    /// The names of the system calls of a run without a fault, in their order.
    func calls() throws -> [String] {
        let log = beside.path("calls")
        let result = try train(nil, log: log)
        try #require(result.exitCode == 0, "\(result.errors)")
        try #require(content("model.h5") == new)
        return try read(log).split(separator: "\n").map(String.init)
    }

    /// The numbers of the calls to fail: all of them in the long form, else the last of every name, and the first unless
    /// that is left out.
    static func places(in calls: [String], firstToo: Bool = true) -> [Int] {
        guard !runsLongForms else { return calls.indices.map { $0 + 1 } }
        let places = Set(calls).flatMap { [firstToo ? calls.firstIndex(of: $0) : nil, calls.lastIndex(of: $0)] }
        return Set(places.compactMap(\.self)).map { $0 + 1 }.sorted()
    }

    func content(_ name: String) -> Data? { try? Data(contentsOf: URL(filePath: directory.path(name))) }

    /// The model is the old one or the new one, whole, and nothing that was there is lost; the next start leaves no trace.
    /// Returns whether the new one is there.
    func checkSurvival(_ context: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> Bool {
        let present = content("model.h5")
        #expect(present == old || present == new, "\(context): the model is damaged", sourceLocation: sourceLocation)
        if let old {
            let kept = content("model.previous.h5")
            let isKept = present == new ? kept == old : kept == older || kept == old
            #expect(isKept, "\(context): the model before is lost", sourceLocation: sourceLocation)
        }
        if present != nil {
            #expect(try Model.newest(at: model).note == nil, "\(context)", sourceLocation: sourceLocation)
        }
        try OutputFile(model).release()
        let left = try Set(directory.contents).subtracting(["model.h5", "model.previous.h5"])
        #expect(left == [], "\(context)", sourceLocation: sourceLocation)
        return present == new
    }
}
