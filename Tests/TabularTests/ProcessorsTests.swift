import Tabular
import Testing

@Suite("The processors that this process may use")
struct ProcessorsTests {
    @Test("At least one, at most what is scheduled, at most what the machine runs")
    func bounds() {
        #expect(Processors.usable >= 1)
        #expect(Processors.usable <= Processors.scheduled)
        #expect(Processors.scheduled <= Processors.online)
        if let quota = Processors.cgroupQuota {
            #expect(quota > 0)
            #expect(Double(Processors.usable) < quota + 1)
        }
    }
}
