import Testing

@Suite("--help")
struct HelpTests {
    static let flagsOfVerbs: [String: Set<String>] = [
        "train": [
            "--x", "--y", "--w", "--allow-external", "--separator", "--header", "--quote", "--decimal", "--na",
            "--comment", "--target",
            "--features", "--ignore", "--weight",
            "--categorical", "--task", "--missing", "--missing-indicator", "--rare", "--unseen", "--dates", "--rejects",
            "--scale", "--target-scale", "--class-weight", "--valid",
            "--memory", "--shuffle-window", "--cache", "--checkpoint-every", "--keep", "--resume", "--force",
            "--on-nonfinite", "--rollbacks", "--rank-timeout", "--validation-split", "--test", "--architecture",
            "--init-from", "--init-optimizer", "--layers",
            "--activation", "--dropout",
            "--input-dropout", "--l1", "--l2",
            "--loss", "--label-smoothing", "--optimizer", "--learning-rate", "--momentum", "--nesterov", "--beta1",
            "--beta2", "--rho", "--epsilon", "--weight-decay", "--clip-norm", "--clip-value", "--schedule", "--warmup",
            "--epochs", "--max-time", "--batch-size", "--no-shuffle", "--drop-last", "--patience", "--monitor",
            "--seed",
            "--workers", "--shards", "--output", "--log", "--progress", "--quiet", "--verbose",
        ],
        "evaluate": [
            "--x", "--y", "--w", "--allow-external", "--separator", "--header", "--quote", "--decimal", "--na",
            "--comment", "--architecture", "--json",
            "--workers", "--quiet",
        ],
        "predict": [
            "--x", "--y", "--w", "--allow-external", "--separator", "--header", "--quote", "--decimal", "--na",
            "--comment", "--architecture", "--output",
            "--proba", "--logits", "--keep", "--workers",
            "--quiet",
        ],
        "bench": [
            "--x", "--y", "--w", "--allow-external", "--separator", "--header", "--quote", "--decimal", "--na",
            "--comment", "--target",
            "--features", "--ignore", "--weight",
            "--categorical", "--task", "--missing", "--missing-indicator", "--rare", "--unseen", "--dates", "--scale",
            "--target-scale", "--class-weight", "--inputs",
            "--classes", "--layers", "--activation", "--dropout", "--input-dropout", "--l1", "--l2", "--optimizer",
            "--batch-size", "--no-shuffle", "--workers", "--shards", "--seconds", "--json", "--read",
        ],
        "inspect": [
            "--x", "--y", "--w", "--allow-external", "--separator", "--header", "--quote", "--decimal", "--na",
            "--comment", "--target", "--json",
        ],
        "convert": [
            "--x", "--y", "--w", "--allow-external", "--separator", "--header", "--quote", "--decimal", "--na",
            "--comment", "--compression", "--chunk-rows", "--categorical", "--workers", "--quiet",
        ],
        "export": ["--architecture", "--no-optimizer", "--quiet"],
        "doctor": [],
    ]
    /// Flags that are off unless given, and the one option that must be.
    private static let withoutDefault: Set<String> = [
        "--nesterov", "--no-shuffle", "--drop-last", "--quiet", "--verbose", "--json", "--read", "--proba", "--logits",
        "--version", "--allow-external", "--resume", "--force", "--missing-indicator", "--init-optimizer",
        "--no-optimizer",
    ]

    /// What the help says of each option, its lines joined.
    private func entries(_ verb: String) throws -> [String: String] {
        let result = try Command.succeed([verb, "--help"])
        #expect(result.errors == "")
        var entries: [String: String] = [:]
        var current = ""
        for line in result.output.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("  --") || line.hasPrefix("  -h, --") {
                current = line.split(separator: " ").first { $0.hasPrefix("--") }.map(String.init) ?? ""
                entries[current] = String(line)
            } else if line.hasPrefix("      "), !current.isEmpty {
                entries[current, default: ""] += " " + line.drop { $0 == " " }
            } else {
                current = ""
            }
        }
        return entries
    }

    @Test("Every flag is listed, with its default, and no other", arguments: flagsOfVerbs.keys.sorted())
    func listed(_ verb: String) throws {
        let entries = try entries(verb)
        #expect(Set(entries.keys) == Self.flagsOfVerbs[verb, default: []].union(["--version", "--help"]))
        for (flag, text) in entries where !Self.withoutDefault.contains(flag) && flag != "--help" {
            if verb == "predict", flag == "--output" { continue }
            #expect(text.contains("default: "), "\(verb) \(text)")
        }
    }

    @Test("The verbs")
    func verbs() throws {
        let output = try Command.succeed(["--help"]).output
        for verb in Self.flagsOfVerbs.keys { #expect(output.contains("  \(verb) "), "\(verb)") }
    }
}
