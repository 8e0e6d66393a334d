import TestSupport
import Testing

@Suite("The comparisons of these tests")
struct ToleranceTests {
    private let tolerance = Tolerance(absolute: 0.1)

    @Test("Counts are compared before numbers")
    func counts() {
        #expect(tolerance.disagreement(of: [1], with: [1.0, 2]) == "1 numbers instead of 2")
        #expect(tolerance.disagreement(of: [], with: [Double]()) == nil)
        #expect(bitDifference([1, 2], [1]) == "2 numbers instead of 1")
    }

    @Test("NaN and infinities agree with their like alone")
    func specialNumbers() {
        #expect(tolerance.disagreement(of: [.nan], with: [Double.nan]) == nil)
        #expect(tolerance.disagreement(of: [.infinity], with: [Double.infinity]) == nil)
        #expect(tolerance.disagreement(of: [0, .nan], with: [0.0, 1]) == "nan instead of 1.0 at index 1")
        #expect(tolerance.disagreement(of: [1], with: [Double.nan]) != nil)
        #expect(tolerance.disagreement(of: [.infinity], with: [-Double.infinity]) != nil)
        #expect(tolerance.disagreement(of: [1], with: [Double.infinity]) != nil)
        let boundless = Tolerance(absolute: .infinity)
        #expect(boundless.disagreement(of: [.nan], with: [1.0]) != nil)
    }

    @Test("The worst element is reported")
    func worst() {
        let problem = tolerance.disagreement(of: [1.2, 5, 1.3], with: [1.0, 1, 1])
        #expect(problem?.contains("5.0 instead of 1.0 at index 1 of 3") == true)
        #expect(tolerance.disagreement(of: [1.05], with: [1.0]) == nil)
        #expect(Tolerance().disagreement(of: [1], with: [1.0]) == nil)
        #expect(Tolerance().disagreement(of: [1], with: [Double(1).nextUp]) != nil)
    }

    @Test("Units in the last place are those of the exact number as Float")
    func units() {
        #expect(ulpError(of: Float(1).nextUp, exact: 1) == 1)
        #expect(ulpError(of: 1, exact: 1 + 0x1p-24) == 0.5)
        #expect(ulpError(of: 0, exact: 0x1p-149) == 1)
        #expect(ulpError(of: .nan, exact: .nan) == 0)
        #expect(ulpError(of: .nan, exact: 0) == .infinity)
        #expect(ulpError(of: .infinity, exact: 1e39) == 0)
        #expect(ulpError(of: .infinity, exact: 1e38) == .infinity)
        #expect(Tolerance(ulps: 2).disagreement(of: [1 + 2 * Float.ulpOfOne], with: [1.0]) == nil)
        #expect(Tolerance(ulps: 2).disagreement(of: [1 + 3 * Float.ulpOfOne], with: [1.0]) != nil)
        #expect(bitDifference([0], [-0.0]) == "0.0 differs from -0.0 at index 0 of 1")
    }
}
