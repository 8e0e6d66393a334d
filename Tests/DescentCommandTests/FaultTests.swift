import Foundation
import ModelFile
import TestSupport
import Testing

/// Saving, killed and failed at its system calls. `DESCENT_LONG_TESTS=1` takes every call and every kind of failure; without
/// it, the last call of every name, for some also the first, and two kinds.
@Suite("A save that is killed or fails at any system call", .serialized)
struct FaultTests {
    /// Calls whose failure loses nothing: the file is in its place, what they leave the next start removes, and free space
    /// is tried out as well as asked for.
    static let harmless: Set<String> = ["close", "unlink", "statvfs"]

    @Test("Killed before any call, the old model or the new one is there, whole", arguments: [true, false])
    func kills(hasModels: Bool) throws {
        // So small that a save is some hundred calls.
        let folder = try FaultyFolder(hasModels: hasModels, writeLimit: 50)
        let calls = try folder.calls()
        #expect(calls.count >= 300, "\(calls.count) calls")
        var outcomes: [Bool: Int] = [:]
        for place in FaultyFolder.places(in: calls, firstToo: hasModels) {
            let context = "killed before call \(place) of \(calls.count), \(calls[place - 1])"
            let result = try folder.train(.init(kind: "kill", call: place))
            #expect(result.signal == SIGKILL, "\(context)")
            outcomes[try folder.checkSurvival(context), default: 0] += 1
        }
        if FaultyFolder.runsLongForms {
            print(
                "killed before each of \(calls.count) calls: \(outcomes[true, default: 0]) times the new model, else the old"
            )
        }
        // The rename is among the calls: some kills come before it, some after.
        #expect(outcomes[false, default: 0] > 0 && outcomes[true, default: 0] > 0)
    }

    /// The kinds of failure, and whether every later call fails as well.
    static let kinds: [(String, Bool)] =
        FaultyFolder.runsLongForms
        ? ["ENOSPC", "EIO", "EDQUOT", "EACCES", "EMFILE"].flatMap { [($0, false), ($0, true)] }
        : [("ENOSPC", false), ("EIO", true)]

    @Test("A call that fails is reported, and harms nothing", arguments: kinds)
    func failures(_ kind: String, isSticky: Bool) throws {
        let folder = try FaultyFolder(writeLimit: FaultyFolder.runsLongForms ? 50 : 2000)
        let calls = try folder.calls()
        let places = FaultyFolder.places(in: calls, firstToo: !isSticky)
        var reports = 0
        for place in places {
            let name = calls[place - 1]
            let context = "\(kind) at call \(place) of \(calls.count), \(name)\(isSticky ? ", and ever after" : "")"
            let result = try folder.train(.init(kind: kind, call: place, isSticky: isSticky))
            let isSaved = try folder.checkSurvival(context)
            if result.exitCode == 0 {
                #expect(isSaved && Self.harmless.contains(name), "\(context): not reported")
            } else {
                reports += 1
                #expect([73, 74].contains(result.exitCode), "\(context): \(result.errors)")
                #expect(result.failure?.hasPrefix(folder.model) == true, "\(context): \(result.errors)")
            }
        }
        if FaultyFolder.runsLongForms {
            print(
                "\(kind)\(isSticky ? ", sticky" : ""): \(places.count) of \(calls.count) calls failed, \(reports) reported"
            )
        }
    }

    @Test("Writes that take half of what they are given, and calls that a signal interrupts, are no failures")
    func shortWrites() throws {
        let folder = try FaultyFolder(writeLimit: 5000)
        let calls = try folder.calls()
        for place in FaultyFolder.places(in: calls, firstToo: false) {
            for (kind, isSticky) in [("short", false), ("short", true), ("EINTR", false)] {
                guard FaultyFolder.runsLongForms || calls[place - 1] == "write" || kind == "EINTR" else { continue }
                // An interrupted close has closed, and says only that it may not have finished.
                if kind == "EINTR", calls[place - 1] == "close" { continue }
                let result = try folder.train(.init(kind: kind, call: place, isSticky: isSticky))
                #expect(result.exitCode == 0, "\(kind) at call \(place), \(calls[place - 1]): \(result.errors)")
                #expect(try folder.checkSurvival("\(kind) at call \(place)"))
            }
        }
    }

    @Test("A file so large that it is written past the cache: failures are reported, all else makes no difference")
    func largeFiles() throws {
        let folder = try FaultyFolder(writeLimit: 0, layers: "1200,1200")
        #expect(folder.new.count > 16 << 20)
        let writes = try folder.calls().enumerated().filter { $0.element == "write" }.map { $0.offset + 1 }
        // Two parts past the cache at least, what is left of the last page, and the checksum.
        try #require(writes.count >= 4)
        for place in FaultyFolder.runsLongForms ? writes : [writes[1]] {
            for kind in ["short", "EINTR", "EINVAL"] {
                // What is written as usual has nothing else to try.
                if kind == "EINVAL", writes.suffix(2).contains(place) { continue }
                let result = try folder.train(.init(kind: kind, call: place))
                #expect(result.exitCode == 0, "\(kind) at write \(place): \(result.errors)")
                #expect(try folder.checkSurvival("\(kind) at write \(place)"))
            }
            for kind in ["ENOSPC", "EIO", "kill"] {
                let result = try folder.train(.init(kind: kind, call: place))
                #expect(kind == "kill" ? result.signal == SIGKILL : result.exitCode == 74, "\(kind): \(result.errors)")
                #expect(try !folder.checkSurvival("\(kind) at write \(place)"))
            }
        }
    }

    @Test("On a file system where a file has one name only, the old model is kept all the same")
    func noHardLinks() throws {
        let folder = try FaultyFolder(writeLimit: 5000)
        let place = try #require(try folder.calls().firstIndex(of: "link")) + 1
        let result = try folder.train(.init(kind: "EPERM", call: place))
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try folder.checkSurvival("without hard links"))
    }
}
