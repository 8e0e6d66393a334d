import Dispatch
import Foundation
import Synchronization
import Testing

/// The command as a user meets it: a process with arguments, streams and an exit code.
enum Command {
    /// How a run ended.
    struct Result: Sendable {
        /// `nil` where a signal ended it.
        var exitCode: Int32?
        var signal: Int32?
        var output: String
        var errors: String

        var errorLines: [String] { errors.split(separator: "\n").map(String.init) }

        /// The one sentence of a failure.
        var failure: String? {
            errorLines.first { $0.hasPrefix("error: ") || $0.hasPrefix("Error: ") }
                .map { String($0.dropFirst("error: ".count)) }
        }
    }

    /// No run may take longer; one that does is killed, and the test fails.
    static let timeLimit = 60.0

    /// The binary, which the build puts beside the tests; `DESCENT_BINARY` names another, for tests that are long.
    static let binary: URL = {
        if let path = ProcessInfo.processInfo.environment["DESCENT_BINARY"] {
            return URL(filePath: path, relativeTo: URL(filePath: FileManager.default.currentDirectoryPath))
        }
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
        return (bundle ?? Bundle.main.bundleURL.appending(path: "tests"))
            .deletingLastPathComponent().appending(path: "descent")
    }()

    /// Runs the command to its end.
    static func run(
        _ arguments: [String], input: String = "", environment: [String: String] = [:], in directory: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Result {
        let process = try RunningCommand(arguments, input: input, environment: environment, in: directory)
        return try process.result(within: timeLimit, sourceLocation: sourceLocation)
    }

    /// Runs the command, which must succeed.
    @discardableResult
    static func succeed(
        _ arguments: [String], input: String = "", in directory: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Result {
        let result = try run(arguments, input: input, in: directory, sourceLocation: sourceLocation)
        try #require(result.exitCode == 0, "\(arguments): \(result.errors)", sourceLocation: sourceLocation)
        return result
    }

    /// Runs the command, which must fail as the contract says: the exit code, one sentence on standard error that names
    /// the thing, nothing on standard output.
    @discardableResult
    static func fail(
        _ exitCode: Int32, naming fragments: [String], _ arguments: [String], input: String = "",
        in directory: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Result {
        let result = try run(arguments, input: input, in: directory, sourceLocation: sourceLocation)
        #expect(result.signal == nil, "\(arguments): \(result.errors)", sourceLocation: sourceLocation)
        #expect(result.exitCode == exitCode, "\(arguments): \(result.errors)", sourceLocation: sourceLocation)
        #expect(result.output == "", "\(arguments)", sourceLocation: sourceLocation)
        let failure = try #require(result.failure, "\(arguments): \(result.errors)", sourceLocation: sourceLocation)
        for fragment in fragments {
            #expect(
                failure.contains(fragment), "'\(fragment)' is missing in: \(failure)", sourceLocation: sourceLocation)
        }
        return result
    }
}

/// What a command has written to standard output, when it has ended.
private final class Printed: Sendable {
    let text = Mutex("")
}

/// A run under way.
final class RunningCommand {
    private let process = Process()
    private let streams: URL
    private let output = Pipe()
    private let printed = Printed()
    private let finished = DispatchSemaphore(value: 0)
    private let drained = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - memoryLimit: The kilobytes of address space that it may take.
    ///   - launcher: A program, and its arguments, that starts the command instead.
    init(
        _ arguments: [String], input: String = "", environment: [String: String] = [:], in directory: String? = nil,
        memoryLimit: Int? = nil, launcher: [String] = []
    ) throws {
        streams = FileManager.default.temporaryDirectory.appending(path: "descent-streams-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: streams, withIntermediateDirectories: true)
        for (name, text) in [("input", input), ("errors", "")] {
            try Data(text.utf8).write(to: streams.appending(path: name))
        }
        let launcher =
            memoryLimit.map { ["sh", "-c", "ulimit -v \($0); exec \"$0\" \"$@\"", Command.binary.path] } ?? launcher
        process.executableURL = launcher.isEmpty ? Command.binary : URL(filePath: "/usr/bin/env")
        process.arguments = launcher + arguments
        var variables = ProcessInfo.processInfo.environment
        variables["SWIFT_BACKTRACE"] = "enable=no"
        for (name, value) in environment { variables[name] = value }
        process.environment = variables
        if let directory { process.currentDirectoryURL = URL(filePath: directory) }
        let files = try [
            FileHandle(forReadingFrom: streams.appending(path: "input")),
            FileHandle(forWritingTo: streams.appending(path: "errors")),
        ]
        // Foundation keeps what a process was given, and with thousands of them descriptors run out.
        defer { for file in files { try? file.close() } }
        process.standardInput = files[0]
        process.standardOutput = output
        process.standardError = files[1]
        process.terminationHandler = { [finished] _ in finished.signal() }
        try Self.withSignalsUnblocked { try process.run() }
        // Read while it runs: a pipe holds little, and the command would wait for ever.
        let reading = output.fileHandleForReading
        Thread.detachNewThread { [printed, drained] in
            let data = reading.readDataToEndOfFile()
            printed.text.withLock { $0 = String(decoding: data, as: UTF8.self) }
            try? reading.close()
            drained.signal()
        }
    }

    deinit {
        try? FileManager.default.removeItem(at: streams)
    }

    /// A child inherits the signals that its parent's thread blocks, and threads of a pool block nearly all: it would
    /// never hear of Control-C.
    private static func withSignalsUnblocked(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    var identifier: Int32 { process.processIdentifier }

    /// What it has written so far.
    var errors: String { text("errors") }

    /// Sends a signal, by default the one of Control-C.
    func interrupt(_ signal: Int32 = SIGINT) { kill(process.processIdentifier, signal) }

    /// Waits for the end.
    func result(within limit: Double, sourceLocation: SourceLocation = #_sourceLocation) throws -> Command.Result {
        if finished.wait(timeout: .now() + limit) == .timedOut {
            kill(process.processIdentifier, SIGKILL)
            Issue.record(
                "descent \(process.arguments ?? []) did not end within \(limit) s", sourceLocation: sourceLocation)
            _ = finished.wait(timeout: .now() + 10)
        }
        drained.wait()
        let exited = process.terminationReason == .exit
        return Command.Result(
            exitCode: exited ? process.terminationStatus : nil, signal: exited ? nil : process.terminationStatus,
            output: printed.text.withLock { $0 }, errors: text("errors"))
    }

    private func text(_ name: String) -> String {
        (try? Data(contentsOf: streams.appending(path: name))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
