import Testing

@testable import Tabular

/// Lists as Python's `pickle.dumps(value, 0)` writes them.
@Suite struct PickledNamesTests {
    private func names(_ pickle: String) -> [String]? { PickledNames.list(in: Array(pickle.utf8)) }

    @Test func lists() {
        #expect(PickledNames.list(in: Array("(lp0\nVgr".utf8) + [0xF6, 0xDF] + Array("e\na.".utf8)) == ["größe"])
        #expect(names("(lp0\nVb\np1\naVa\np2\na.") == ["b", "a"])
        #expect(names("(lp0\nI0\naI1\na.") == ["0", "1"])
        #expect(names("(lp0\nL12L\na.") == ["12"])
        #expect(names("(lp0\n(I1\n(lp1\nVx\np2\naVy\np3\natp4\na.") == ["x", "y"])
        #expect(names("(lp0\n(I1\n(lp1\nVonly\np2\natp3\na.") == ["only"])
        #expect(names("(lp0\nVgr\\u00f6\\U0001f600\\x\np1\nag1\na.") == ["grö😀\\x", "grö😀\\x"])
        #expect(names("(lp0\n.") == [])
        #expect(names("(lp0\nS'a b'\na.") == ["a b"])
    }

    /// What is no list of names is not taken for one, and nothing is run.
    @Test(arguments: [
        "", ".", "a.", "l.", "(.", "(lp0\nVa", "(lp0\nVa\n", "(lp0\nVa\na", "(lp0\nN a.", "p0\n.", "g0\n.", "I1.5\n.",
        "cos\nsystem\n(S'echo'\ntR.", "(lp0\n(tVa\naa.", "(dp0\nVa\nI1\ns.", "Va\n.", "S\n.",
    ])
    func nothingElse(_ pickle: String) {
        #expect(names(pickle) == nil)
    }

    @Test func depthIsBounded() {
        let deep = 100_000
        #expect(names(String(repeating: "(l", count: deep) + String(repeating: "a", count: deep)) == nil)
        #expect(names(String(repeating: "(", count: deep) + String(repeating: "l", count: deep)) == nil)
    }
}
