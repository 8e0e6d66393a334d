internal import ArgumentParser
internal import Descent

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A failure as the shell sees it: a sentence and an exit code of sysexits(3).
struct Failure: Error {
    enum Code: Int32 {
        case usage = 64
        case badData = 65
        case noInput = 66
        case numerical = 70
        case cannotCreate = 73
        case inputOutput = 74
        case hungUp = 129
        case interrupted = 130
        case terminated = 143
    }

    let code: Code
    let message: String
    /// Whether all ranks of a run have come to this end together.
    let isCommon: Bool

    init(_ code: Code, _ message: String, isCommon: Bool = false) {
        self.code = code
        self.message = message
        self.isCommon = isCommon
    }

    /// `nil` for errors of argument parsing, which has messages and codes of its own.
    init?(_ error: any Error) {
        switch error {
        case let error as Failure:
            self = error
        case let error as TableError:
            let code: Code =
                switch error.kind {
                case .noInput: .noInput
                case .badData: .badData
                case .badRequest: .usage
                case .cannotCreate: .cannotCreate
                case .inputOutput: .inputOutput
                }
            self.init(code, error.description)
        case let error as ModelError:
            let code: Code =
                switch error.kind {
                case .noInput: .noInput
                case .badData: .badData
                case .cannotCreate: .cannotCreate
                case .inputOutput: .inputOutput
                }
            self.init(code, error.description)
        case let error as HDF5Error:
            self.init(error.kind == .noFile ? .noInput : .badData, error.description)
        case let error as NumericalFailure:
            self.init(.numerical, error.description)
        case let error as TrainingError:
            self.init(.usage, error.description)
        case let error as GraphError:
            self.init(.badData, error.description)
        default:
            return nil
        }
    }

    /// The exit code of any error, those of argument parsing included.
    static func exitCode(of error: any Error) -> Int32 {
        Failure(error)?.code.rawValue ?? RootCommand.exitCode(for: error).rawValue
    }

    static func message(of error: any Error) -> String {
        Failure(error)?.message ?? RootCommand.message(for: error)
    }

    func report() -> Never {
        printToStandardError("error: \(message)")
        exit(code.rawValue)
    }
}
