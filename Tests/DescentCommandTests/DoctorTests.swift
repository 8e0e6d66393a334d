import Descent
import Testing

@Suite("descent doctor")
struct DoctorTests {
    @Test("Cores, vector instructions, BLAS and HDF5")
    func report() throws {
        let result = try Command.succeed(["doctor"])
        let names = result.output.split(separator: "\n").map { $0.split(separator: "  ").first.map(String.init) }
        #expect(
            names.starts(with: [
                "descent", "cores", "SIMD", "BLAS", "BLAS kernel", "peak of a core", "BLAS on a core",
            ]))
        #expect(names.contains("HDF5") && names.contains("HDF5 filters"))
        #expect(result.output.contains("GFLOP/s of multiply-adds, measured"))
        #expect(result.output.contains(HDF5Library.version))
        #expect(result.output.contains("deflate"))
        #expect(result.errors == "")
    }

    @Test("A kernel forced by the environment is warned of")
    func warning() throws {
        let forced = try Command.run(["doctor"], environment: ["OPENBLAS_CORETYPE": "Prescott"])
        #expect(forced.exitCode == 0)
        #expect(forced.output.contains("warning: OPENBLAS_CORETYPE=Prescott"))
        #expect(!forced.output.contains("nothing to warn of"))
    }

    @Test("The version")
    func version() throws {
        #expect(try Command.succeed(["--version"]).output == "\(descentVersion)\n")
    }
}
