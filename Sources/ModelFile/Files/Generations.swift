internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The files that were in a file's place before it: `model.previous.h5`, `model.previous-2.h5`, and so on, the youngest
/// first.
///
/// The names keep their ending because programs go by it: Keras 3 opens no other.
enum Generations {
    /// The most that are ever kept.
    static let limit = 1000

    /// The name of the file that was replaced `age` saves ago.
    static func path(_ path: FilePath, age: Int) -> FilePath {
        paths(path, ages: age...age).first.map { FilePath($0) } ?? path
    }

    /// The names of the files that were replaced so many saves ago: none where the path ends in no name.
    private static func paths(_ path: FilePath, ages: ClosedRange<Int>) -> [String] {
        guard let name = path.lastComponent else { return [] }
        // Taking a path apart takes far longer than asking for a file.
        let start = path.removingLastComponent().appending(name.stem).string
        let ending = name.extension.map { ".\($0)" } ?? ""
        return ages.map { start + ($0 == 1 ? ".previous" : ".previous-\($0)") + ending }
    }

    static func temporary(of target: FilePath) -> FilePath { OutputFile.hidden(target, "previous.tmp") }

    /// Gives the file that is about to be replaced a second name, so that it outlives its first. There is no moment at
    /// which the target is missing.
    static func keep(_ target: FilePath, count: Int) throws(Errno) {
        guard count > 0, let present = try OutputFile.status(of: target) else { return }
        let first = path(target, age: 1)
        if let kept = try OutputFile.status(of: first) {
            // A save that ended here has kept it already.
            if kept.st_dev == present.st_dev, kept.st_ino == present.st_ino { return }
            for age in stride(from: count - 1, through: 1, by: -1) {
                let older = path(target, age: age)
                guard try OutputFile.status(of: older) != nil else { continue }
                try checked { rename(older.string, path(target, age: age + 1).string) }
            }
        }
        let temporary = temporary(of: target)
        try OutputFile.remove(temporary)
        do throws(Errno) {
            try checked { link(target.string, temporary.string) }
        } catch {
            // File systems that give a file one name only: the target is missing until the new file has its place, and
            // reading falls back to this one.
            guard [.notPermitted, .notSupported, .noFunction, .tooManyLinks].contains(error) else { throw error }
            try checked { rename(target.string, first.string) }
            return
        }
        do throws(Errno) {
            try checked { rename(temporary.string, first.string) }
        } catch {
            unlink(temporary.string)
            throw error
        }
    }

    /// Reads the newest file that can be read: the file itself, or else the first good one of those before it.
    ///
    /// - Throws: the error about the file itself, when none can be read, and which others cannot either.
    static func newest<Value>(
        _ path: String, _ read: (String) throws(ModelError) -> Value
    ) throws(ModelError) -> Found<Value> {
        do throws(ModelError) {
            return Found(value: try read(path), path: path, note: nil)
        } catch let newest {
            var useless: [String] = []
            for older in paths(FilePath(path), ages: 1...limit) where access(older, F_OK) == 0 {
                guard let value = try? read(older) else {
                    useless.append(older)
                    continue
                }
                return Found(value: value, path: older, note: "\(newest.about(path)); \(older) is used instead")
            }
            guard !useless.isEmpty else { throw newest }
            throw ModelError(
                newest.kind, file: newest.file,
                newest.message + "; nor can \(useless.joined(separator: " or ")) be used")
        }
    }
}

/// What was found in a file or, where that is missing or damaged, in the one before it.
public struct Found<Value> {
    public let value: Value
    /// The file it was found in.
    public let path: String
    /// Why the newest file was not used and which was; `nil` where it was.
    public let note: String?
}

extension Found: Sendable where Value: Sendable {}
