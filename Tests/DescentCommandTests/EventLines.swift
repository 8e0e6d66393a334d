import Descent

/// The objects of a log, a line each.
struct EventLines: RandomAccessCollection {
    private let events: [JSONValue]

    init(_ path: String) throws {
        events = try read(path).split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    }

    var startIndex: Int { events.startIndex }
    var endIndex: Int { events.endIndex }
    subscript(position: Int) -> JSONValue { events[position] }
}
