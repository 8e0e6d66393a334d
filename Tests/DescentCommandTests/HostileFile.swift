import Foundation
import TestSupport
import Testing

/// A sound file of which mutants are made, and the runs of the command on each of them.
struct HostileFile: Sendable, CustomTestStringConvertible {
    private let path: String
    private let reading: [String]
    /// Arguments of runs, in which `FILE` is the mutant and `OUT` begins the name of a file to write.
    private let runs: [[String]]

    var testDescription: String { ([URL(filePath: path).lastPathComponent] + reading).joined(separator: " ") }

    /// A table: a fixture, or any other file by its absolute path.
    ///
    /// - Parameters:
    ///   - reading: How the table is found in it.
    ///   - training: What training needs besides.
    static func table(_ path: String, reading: [String] = [], training: [String] = []) -> HostileFile {
        let train = ["train", "FILE"] + reading + training + ["--layers", "4", "--epochs", "1", "--quiet"]
        return HostileFile(
            path: Self.path(path), reading: reading,
            runs: [
                ["inspect", "FILE"] + reading, train + ["--output", "OUT.h5"],
                ["convert", "FILE"] + reading + ["OUT.csv", "--quiet"],
                ["inspect", "FILE", "--json"] + reading,
                train + ["--output", "OUT.h5", "--memory", "300M", "--shuffle-window", "4", "--batch-size", "2"],
                ["convert", "FILE"] + reading + ["OUT.h5", "--quiet", "--compression", "gzip:1"],
            ])
    }

    /// A model.
    ///
    /// - Parameters:
    ///   - rows: A table for it, in which the target `y` comes last.
    ///   - features: The same without the target.
    ///   - network: What gives its network, where it holds weights alone.
    static func model(_ path: String, rows: String, features: String, network: [String] = []) -> HostileFile {
        HostileFile(
            path: Self.path(path), reading: [],
            runs: [
                ["inspect", "FILE"], ["predict", "FILE", features, "--output", "OUT.csv", "--quiet"] + network,
                ["export", "FILE", "OUT.keras", "--quiet"] + network,
                ["evaluate", "FILE", rows, "--quiet"] + network,
                [
                    "train", rows, "--target", "y", "--init-from", "FILE", "--epochs", "1", "--quiet", "--output",
                    "OUT.h5",
                ]
                    + network,
            ])
    }

    private static func path(_ path: String) -> String {
        path.hasPrefix("/") ? path : Datasets.repository.appending(path: "Tests/\(path)").path()
    }

    /// Runs the command on mutants and tells what broke the contract: the first two runs on each mutant, and one of the
    /// others, by turns and from another one on for each file.
    func faults(mutants numbers: some Sequence<Int>) throws -> [String] {
        let folder = try TemporaryDirectory()
        let mutator = FileMutator(try bytes(path))
        // Names such as .weights.h5 mean something.
        let ending = URL(filePath: path).lastPathComponent.drop { $0 != "." }
        let others = runs.dropFirst(2).map(\.self)
        var faults: [String] = []
        for number in numbers {
            let mutant = try folder.write(mutator.mutant(number), to: "mutant\(ending)")
            for run in runs.prefix(2) + [others[(number + path.utf8.count) % others.count]] {
                let arguments = run.map { $0 == "FILE" ? mutant : $0.hasPrefix("OUT.") ? folder.path($0) : $0 }
                if let fault = try MeasuredRun(arguments, in: folder.url).fault(
                    naming: arguments.filter { $0.hasPrefix("/") })
                {
                    faults.append("\(testDescription), mutant \(number), \(run.joined(separator: " ")): \(fault)")
                }
                for name in try folder.contents where name.hasPrefix("OUT") {
                    try FileManager.default.removeItem(atPath: folder.path(name))
                }
            }
        }
        return faults
    }
}
