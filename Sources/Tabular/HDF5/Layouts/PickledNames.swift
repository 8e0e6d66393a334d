/// The names in a list that Python pickled with protocol 0, its text form.
///
/// This is no unpickler: it knows lists, tuples, strings and whole numbers, makes nothing else, and runs nothing.
enum PickledNames {
    private enum Item {
        case mark
        case name(String)
        case list([Item])
        case none
    }

    private static let nestingLimit = 16

    /// The names of the innermost list that ends a pickle such as `['a', 'b']` or `[(1, ['a', 'b'])]`; `nil` where it holds
    /// anything else.
    static func list(in pickle: [UInt8]) -> [String]? {
        var stack: [Item] = []
        var memo: [String: Item] = [:]
        // Characters up to 255 are a byte each, whatever the file says of its encoding.
        var rest = Substring(String(String.UnicodeScalarView(pickle.map { Unicode.Scalar($0) })))
        while let opcode = rest.popFirst() {
            // What pandas writes is flat; a bound keeps lists in lists from exhausting the memory of calls.
            guard stack.count <= nestingLimit else { return nil }
            switch opcode {
            case "(": stack.append(.mark)
            case "V", "I", "L", "S", "p", "g":
                guard let end = rest.firstIndex(of: "\n") else { return nil }
                let argument = rest[..<end]
                rest = rest[rest.index(after: end)...]
                guard apply(opcode, argument, &stack, &memo) else { return nil }
            case "l", "t":
                guard let mark = stack.lastIndex(where: { if case .mark = $0 { true } else { false } }) else {
                    return nil
                }
                let items = Array(stack[(mark + 1)...])
                stack.removeSubrange(mark...)
                stack.append(.list(items))
            case "a":
                guard let item = stack.popLast(), case .list(var items)? = stack.popLast() else { return nil }
                items.append(item)
                stack.append(.list(items))
            case "N": stack.append(.none)
            case ".":
                guard stack.count == 1 else { return nil }
                return names(in: stack[0])
            default: return nil
            }
        }
        return nil
    }

    private static func apply(
        _ opcode: Character, _ argument: Substring, _ stack: inout [Item], _ memo: inout [String: Item]
    ) -> Bool {
        switch opcode {
        case "V": stack.append(.name(unescaped(argument)))
        case "I", "L":
            guard let number = Int(argument.hasSuffix("L") ? argument.dropLast() : argument) else { return false }
            stack.append(.name(String(number)))
        case "S":
            guard argument.count >= 2 else { return false }
            stack.append(.name(String(argument.dropFirst().dropLast())))
        case "p":
            guard let last = stack.last else { return false }
            // The lists that pandas writes are put into the memo while they are empty, and never taken from it.
            memo[String(argument)] = last
        default:
            guard case .name(let name)? = memo[String(argument)] else { return false }
            stack.append(.name(name))
        }
        return true
    }

    private static func names(in item: Item) -> [String]? {
        guard case .list(let items) = item else { return nil }
        if items.count == 1, case .list(let axis) = items[0], let last = axis.last { return names(in: last) }
        var names: [String] = []
        for item in items {
            guard case .name(let name) = item else { return nil }
            names.append(name)
        }
        return names
    }

    /// Python's `raw-unicode-escape`: `\u` and four hexadecimal digits, or `\U` and eight.
    private static func unescaped(_ text: Substring) -> String {
        var result = ""
        var rest = text
        while let character = rest.popFirst() {
            let digits = character == "\\" ? ["u": 4, "U": 8][rest.first ?? " "] : nil
            if let digits, let code = UInt32(rest.dropFirst().prefix(digits), radix: 16),
                let scalar = Unicode.Scalar(code)
            {
                result.unicodeScalars.append(scalar)
                rest = rest.dropFirst(1 + digits)
            } else {
                result.append(character)
            }
        }
        return result
    }
}
