extension RowEncoder {
    /// Sentences on what was counted.
    func notes(on tally: EncodedRows.Tally) -> [String] {
        func rows(_ count: Int) -> String { count == 1 ? "1 row" : "\(count) rows" }
        var notes: [String] = []
        if tally.withoutTarget > 0 { notes.append("\(rows(tally.withoutTarget)) without a target left out") }
        if tally.withFullStop > 0 {
            notes.append(
                "\(rows(tally.withFullStop)) with a full stop behind the class; it is not taken for a part of it")
        }
        if tally.withMissing > 0 {
            notes.append("\(rows(tally.withMissing)) with missing values left out (--missing drop)")
        }
        if tally.filled > 0 {
            notes.append(
                "missing values in \(rows(tally.filled)) filled in: numbers by \(schema.missing.filling), text as a "
                    + "level of its own")
        }
        for (index, count) in tally.unseen.sorted(by: { $0.key < $1.key }) {
            let feature = schema.features[index]
            let fate =
                schema.unseen == .other && !feature.rare.isEmpty
                ? "taken for one of the rare levels" : "all its inputs are 0"
            notes.append(
                "column '\(feature.column)': \(rows(count)) with a level that training never met; \(fate)")
        }
        notes += outsideNotes(tally.outside)
        return notes
    }

    private func outsideNotes(_ counts: [Int]) -> [String] {
        let shown = 5
        var notes: [String] = []
        var found = 0
        for (step, feature) in zip(columns.steps, schema.features) where !counts.isEmpty {
            var (lower, upper) = (minima[step.input].inWords, maxima[step.input].inWords)
            switch feature.kind {
            case .number: break
            case .time(hasDate: true, _):
                (lower, upper) = (
                    TimeParts.text(ofDay: Double(minima[step.input])), TimeParts.text(ofDay: Double(maxima[step.input]))
                )
            case .levels, .time: continue
            }
            let count = counts[step.input]
            guard count > 0 else { continue }
            found += 1
            if found <= shown {
                notes.append(
                    "column '\(feature.column)': \(count == 1 ? "1 row" : "\(count) rows") outside the range of "
                        + "training, \(lower) to \(upper)")
            }
        }
        if found > shown { notes.append("\(found - shown) more columns with rows outside the range of training") }
        return notes
    }
}

extension Float {
    /// Whole numbers without a point.
    fileprivate var inWords: String { self == rounded() && magnitude < 0x1p24 ? "\(Int(self))" : "\(self)" }
}
