import Foundation
import HDF5
import Synchronization
import Testing

/// Files are tried before they are opened where a program asks for it.
@Suite struct FileProbeTests {
    /// Notes what it is asked about, and refuses all of it or none.
    private final class Recorder: FileProbe {
        let subjects = Mutex<[String]>([])
        let refusal: HDF5Error?

        init(refusal: HDF5Error? = nil) {
            self.refusal = refusal
        }

        func check(_ subject: ProbeSubject) throws(HDF5Error) {
            let text =
                switch subject {
                case .file(let path, let opensOtherFiles): "\(path) \(opensOtherFiles)"
                case .image(let bytes, let name): "\(name) \(bytes.count)"
                }
            subjects.withLock { $0.append(text) }
            if let refusal { throw refusal }
        }
    }

    @Test func asksBeforeOpening() throws {
        let recorder = Recorder()
        let path = Fixture.path("chunks.h5")
        let image = try Fixture.bytes("links.h5")
        try File.$probe.withValue(recorder) {
            _ = try File(opening: path)
            _ = try File(opening: path, opensOtherFiles: true)
            _ = try File(image: image, named: "links")
            _ = try File(image: image, named: "own", isTrusted: true)
            _ = try File(inMemoryNamed: "new")
        }
        #expect(recorder.subjects.withLock { $0 } == ["\(path) false", "\(path) true", "links \(image.count)"])
        _ = try File(opening: path)
        #expect(recorder.subjects.withLock { $0.count } == 3)
    }

    @Test func opensNothingThatIsRefused() throws {
        let refusal = HDF5Error(.badFile, operation: "open the file", path: "x", reason: "it bites")
        let image = try Fixture.bytes("chunks.h5")
        try File.$probe.withValue(Recorder(refusal: refusal)) {
            let opening = try hdf5Error { _ = try File(opening: Fixture.path("chunks.h5")) }
            let reading = try hdf5Error { _ = try File(image: image) }
            #expect(opening == refusal && reading == refusal)
        }
    }

    /// Every file beside these tests, whatever is wrong with it, is walked through to its end.
    @Test(arguments: ["chunks", "hostile", "links", "names", "numbers", "refused", "strings"])
    func walks(_ name: String) throws {
        var allowed = 0.0
        var walk = FileWalk { allowed += $0 }
        walk.visit(try Fixture.open("\(name).h5"))
        #expect(allowed > 0 && allowed < 1)
        #expect(!walk.lacksMemory)
    }

    /// Groups that hold one another are entered once.
    @Test func walksInNoCircle() throws {
        let cycles = Fixture.path("../../DescentCommandTests/Fixtures/cycles.h5")
        var steps = 0
        var walk = FileWalk { _ in steps += 1 }
        walk.visit(try File(opening: cycles))
        // One for each name in each of its groups.
        #expect(steps == 12)
    }
}
