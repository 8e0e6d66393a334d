internal import ArgumentParser
internal import Descent

/// The files and how to understand them: shared by all verbs that read tables.
struct DataOptions: ParsableArguments {
    @Argument(
        help: "CSV or HDF5 files, or text files that list HDF5 files, taken as one table; - is standard input, as CSV.")
    var data: [String]

    @OptionGroup var format: FormatOptions

    func open(workers: Int, rejects: RejectFile? = nil) throws -> any TableSource {
        try openTable(data, format: try format.tableFormat(workers: workers, rejects: rejects))
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

    @Option(help: ArgumentHelp("The quote of a CSV: one character, \" or '. (default: detected)", valueName: "char"))
    var quote: String?

    @Option(
        help: ArgumentHelp(
            "The decimal mark of a CSV: . or , or 'point' or 'comma'. (default: detected)", valueName: "char"))
    var decimal: String?

    @Option(
        help: ArgumentHelp(
            """
            What stands for a missing value besides an empty field, comma separated; it replaces the default. (default: \
            ?,NA,NaN,null in any case)
            """, valueName: "list"))
    var na: String?

    @Option(
        help: ArgumentHelp(
            "The character with which a line of a CSV starts that is a comment. (default: none)", valueName: "char"))
    var comment: String?

    func tableFormat(workers: Int = Processors.usable, rejects: RejectFile? = nil) throws -> TableFormat {
        let hasHeader: Bool? =
            switch header {
            case .auto: nil
            case .yes: true
            case .no: false
            }
        let words = ["tab": "\t", "\\t": "\t", "point": ".", "comma": ","]
        func byte(_ text: String?, _ flag: String, or words: [String: String] = [:]) throws -> UInt8? {
            guard let text else { return nil }
            let character = words[text] ?? text
            guard character.utf8.count == 1, let byte = character.utf8.first, byte >= 32 || byte == 9 else {
                let names = words.keys.filter { $0.count > 1 && $0 != "\\t" }.sorted().map { ", or '\($0)'" }.joined()
                throw ValidationError("\(flag) is one character\(names), not '\(text)'")
            }
            return byte
        }
        let hints = CSVDialect.Hints(
            separator: try byte(separator, "--separator", or: words.filter { $0.value == "\t" }),
            quote: try byte(quote, "--quote"), hasHeader: hasHeader,
            decimalMark: try byte(decimal, "--decimal", or: words.filter { $0.value != "\t" }),
            comment: try byte(comment, "--comment"),
            missingTexts: na?.split(separator: ",").map { $0.trimmingPrefix { $0 == " " } }.map(String.init))
        if let refusal = hints.refusal { throw ValidationError(refusal) }
        return TableFormat(
            csv: hints, rejects: rejects, features: x, targets: y, weights: w, opensOtherFiles: allowExternal,
            workers: workers)
    }
}
