internal import Descent

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The loss over the epochs as characters: `●` in training, `○` on the held-out rows, `◉` where the two meet.
struct LossChart {
    private static let height = 8
    private static let labelWidth = 10

    private let history: [EpochRecord]
    private let columns: Int
    private let series: [(mark: Character, name: String, values: [Double?])]

    /// - Parameter width: The most characters of a line.
    init(_ history: [EpochRecord], width: Int) {
        // A few epochs would be lost in a wide chart.
        let columns = max(2, min(width - Self.labelWidth - 1, 4 * history.count))
        self.history = history
        self.columns = columns
        series = [("●", "loss"), ("○", "val_loss")].map { mark, name in
            (mark, name, Self.spread(history.map { $0[name] }, over: columns))
        }
        .filter { $0.values.contains { $0 != nil } }
    }

    /// The lines; none where fewer than two losses can be shown.
    var lines: [String] {
        let shown = series.flatMap { $0.values.compactMap(\.self) }
        guard history.count > 1, shown.count > 1, let least = shown.min(), let most = shown.max() else { return [] }
        // What falls by orders of magnitude is a line only so.
        let isLogarithmic = least > 0 && most > 50 * least
        func height(_ value: Double) -> Double { isLogarithmic ? log(value) : value }
        let (bottom, top) = (height(least), height(most))
        var cells = [[Character]](repeating: Array(repeating: " ", count: columns), count: Self.height)
        for (mark, _, values) in series {
            for (column, value) in values.enumerated() {
                guard let value else { continue }
                let depth = top > bottom ? (top - height(value)) / (top - bottom) : 0
                let row = Int((depth * Double(Self.height - 1)).rounded())
                cells[row][column] = cells[row][column] == " " ? mark : "◉"
            }
        }
        let lines = cells.enumerated().map { row, cells in
            let value =
                row == 0 ? most : row == Self.height - 1 ? least : nil
            var line = Self.label(value.map(NumberFormat.metric) ?? "") + "│" + String(cells)
            while line.last == " " { line.removeLast() }
            return line
        }
        let (first, last) = ("\(history[0].epoch)", "\(history[history.count - 1].epoch)")
        let gap = String(repeating: " ", count: max(1, columns - first.count - last.count))
        let legend =
            series.map { "\($0.mark) \($0.name)" }.joined(separator: "  ") + (isLogarithmic ? "  (logarithmic)" : "")
        return lines + [
            Self.label("") + "└" + String(repeating: "─", count: columns),
            Self.label("epoch") + " " + first + gap + last,
            Self.label("") + " " + legend,
        ]
    }

    private static func label(_ text: String) -> String {
        String(repeating: " ", count: max(0, labelWidth - 1 - text.count)) + text + " "
    }

    /// As many values as there are columns: means of neighbours where there are more, gaps where there are fewer.
    private static func spread(_ values: [Double?], over columns: Int) -> [Double?] {
        var sums = [(sum: Double, count: Int)](repeating: (0, 0), count: columns)
        for (index, value) in values.enumerated() {
            guard let value, value.isFinite else { continue }
            let column = values.count < 2 ? 0 : index * (columns - 1) / (values.count - 1)
            sums[column].sum += value
            sums[column].count += 1
        }
        return sums.map { $0.count == 0 ? nil : $0.sum / Double($0.count) }
    }
}
