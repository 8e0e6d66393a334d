extension String {
    /// At most 40 characters on one line, for messages.
    var shortened: String { shortened(to: 40) }

    /// At most `limit` characters on one line.
    ///
    /// A character is a scalar here, since any number of marks may be stacked on one letter; and one that controls a
    /// terminal is shown as U+FFFD.
    func shortened(to limit: Int) -> String {
        var line = String.UnicodeScalarView()
        for scalar in unicodeScalars.prefix(limit) {
            switch scalar.properties.generalCategory {
            case .lineSeparator, .paragraphSeparator: line.append(" ")
            case .control: line.append(Character(scalar).isNewline || scalar == "\t" ? " " : "\u{FFFD}")
            default: line.append(scalar)
            }
        }
        return String(line) + (unicodeScalars.dropFirst(limit).isEmpty ? "" : "…")
    }
}
