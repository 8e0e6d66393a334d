internal import ArgumentParser
internal import Descent

/// The files and how to understand them: shared by all verbs that read tables.
struct DataOptions: ParsableArguments {
    @Argument(
        help: "CSV or HDF5 files, or text files that list HDF5 files, taken as one table; - is standard input, as CSV.")
    var data: [String]

    @OptionGroup var format: FormatOptions

    func open(workers: Int) throws -> any TableSource {
        try openTable(data, format: try format.tableFormat(workers: workers))
    }
}

/// How to understand a file.
struct FormatOptions: ParsableArguments {
    enum Header: String, CaseIterable, ExpressibleByArgument {
        case auto
        case yes
        case no
    }

    @Option(help: ArgumentHelp("The HDF5 path of the features. (default: guessed, and printed)", valueName: "path"))
    var x: String?

    @Option(help: ArgumentHelp("The HDF5 path of the targets. (default: guessed, and printed)", valueName: "path"))
    var y: String?

    @Option(help: ArgumentHelp("The HDF5 path of the sample weights. (default: none)", valueName: "path"))
    var w: String?

    @Flag(help: "Follow an HDF5 file into other files: external links, external storage, virtual datasets.")
    var allowExternal = false

    @Option(
        help: ArgumentHelp("The separator of a CSV: one character, or 'tab'. (default: detected)", valueName: "char"))
    var separator: String?

    @Option(help: "Whether a CSV starts with a line of names.")
    var header: Header = .auto

    func tableFormat(workers: Int = 1) throws -> TableFormat {
        var byte: UInt8?
        if let separator {
            let text = separator == "tab" || separator == "\\t" ? "\t" : separator
            guard text.utf8.count == 1, let first = text.utf8.first, first != UInt8(ascii: "\""),
                first >= 32 || first == 9
            else { throw ValidationError("--separator is one character, or 'tab', not '\(separator)'") }
            byte = first
        }
        let hasHeader: Bool? =
            switch header {
            case .auto: nil
            case .yes: true
            case .no: false
            }
        return TableFormat(
            separator: byte, hasHeader: hasHeader, features: x, targets: y, weights: w, opensOtherFiles: allowExternal,
            workers: workers)
    }
}
