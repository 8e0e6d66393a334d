internal import ArgumentParser
internal import Descent

/// The command `descent`.
@main
struct RootCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "descent", abstract: "Train dense neural networks on CSV and HDF5 tables, on every core.",
        version: descentVersion,
        subcommands: [
            TrainCommand.self, EvaluateCommand.self, PredictCommand.self, ConvertCommand.self, ExportCommand.self,
            InspectCommand.self, BenchCommand.self, DoctorCommand.self,
        ])

    /// Parses and runs; every failure ends in one sentence and an exit code of sysexits.
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == ProbeChild.word { ProbeChild.serve() }
        let probe = ChildProbe()
        probe.prepare(for: arguments)
        do {
            try File.$probe.withValue(probe) {
                var command = try parseAsRoot()
                try command.run()
            }
        } catch {
            LaunchedRank.leaveToFirst(exitCode: Failure.exitCode(of: error))
            guard let failure = Failure(error) else { exit(withError: error) }
            failure.report()
        }
    }
}
