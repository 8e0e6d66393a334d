extension String {
    /// At most 40 characters on one line, for messages.
    var shortened: String {
        let characters = prefix(40).map { $0.isNewline ? " " : $0 }
        return String(characters) + (dropFirst(40).isEmpty ? "" : "…")
    }
}
