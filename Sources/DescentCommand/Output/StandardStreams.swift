#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A line on standard error, where progress and logs go; results go to standard output.
func printToStandardError(_ line: String, terminator: String = "\n") {
    write(STDERR_FILENO, line + terminator)
}

/// Whether standard error is a terminal, on which a line may be rewritten.
var standardErrorIsTerminal: Bool { isatty(STDERR_FILENO) != 0 }

/// The characters of a line of standard output: those of the terminal, 80 at most and where there is none.
var terminalWidth: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return min(80, max(20, Int(size.ws_col)))
}

/// Unbuffered, so that a crash or a kill loses nothing.
private func write(_ descriptor: Int32, _ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count > 0 {
            bytes = bytes.dropFirst(count)
        } else if errno != EINTR {
            return
        }
    }
}
