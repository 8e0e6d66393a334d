import Dispatch
import HDF5
import Testing

/// The same file opened several times.
@Suite struct SharedFileTests {
    @Test func stringsOutliveTheLastOpening() throws {
        let first = try Fixture.open("strings.h5").root.dataset("variable_utf8")
        try read(Fixture.open("strings.h5").root.dataset("variable_utf8"))
        try read(first)
    }

    private func read(_ dataset: Dataset) throws {
        #expect(try dataset.readStrings() == ["grün", "", "日本"])
    }

    @Test func onSeveralThreads() throws {
        DispatchQueue.concurrentPerform(iterations: 200) { _ in
            let strings = try? Fixture.open("strings.h5").root.dataset("variable_utf8").readStrings()
            #expect(strings == ["grün", "", "日本"])
        }
    }

    @Test func closingOneLeavesTheOther() throws {
        let first = try Fixture.open("links.h5")
        let second = try Fixture.open("links.h5")
        try first.close()
        #expect(try second.root.dataset("data/x").read(as: Float.self) == [0, 1, 2])
    }
}
