internal import ArgumentParser
internal import Descent
internal import FoundationEssentials

/// `descent doctor`.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Tell what this machine offers, and warn of a slow choice.")

    func run() throws {
        var table = TextTable()
        var warnings: [String] = []
        table.add("descent", descentVersion)
        var cores = "\(Processors.usable) usable of \(Processors.online)"
        if let quota = Processors.cgroupQuota {
            cores += ", cgroup quota \(NumberFormat.fixed(quota, decimals: 1))"
        }
        table.add("cores", cores)
        table.add("SIMD", simd)
        table.add("BLAS", BLAS.configuration)
        table.add("BLAS kernel", BLAS.kernel)
        let peak = ProcessorPeak.multiplyAddRate(threads: 1)
        let products = ProcessorPeak.productRate(threads: 1)
        table.add("peak of a core", "\(NumberFormat.fixed(peak, decimals: 0)) GFLOP/s of multiply-adds, measured")
        table.add(
            "BLAS on a core",
            "\(NumberFormat.fixed(products, decimals: 0)) GFLOP/s, \(NumberFormat.fixed(100 * products / peak, decimals: 0)) % of the peak"
        )
        if Processors.usable > 1 {
            let together = ProcessorPeak.productRate(threads: min(Processors.usable, BLAS.callerLimit))
            table.add("BLAS on all cores", "\(NumberFormat.fixed(together, decimals: 0)) GFLOP/s")
        }
        table.add("HDF5", HDF5Library.version)
        let filters = [
            (1, "deflate"), (2, "shuffle"), (3, "fletcher32"), (4, "szip"), (32_001, "blosc"), (32_004, "lz4"),
            (32_015, "zstd"),
        ]
        table.add(
            "HDF5 filters", filters.filter { HDF5Library.isFilterAvailable($0.0) }.map(\.1).joined(separator: ", "))
        print(table.lines().joined(separator: "\n"))
        let environment = ProcessInfo.processInfo.environment
        for name in ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"] {
            if let value = environment[name] {
                warnings.append(
                    "\(name)=\(value) in the environment decides the BLAS kernel; unset it to let OpenBLAS choose for this machine"
                )
            }
        }
        if products < 0.6 * peak {
            warnings.append(
                "BLAS reaches \(NumberFormat.fixed(100 * products / peak, decimals: 0)) % of what a core can do; "
                    + "its kernel \(BLAS.kernel) does not suit this processor, or other programs are running")
        }
        if !BLAS.usesOneThread {
            warnings.append(
                "OpenBLAS would run several threads inside every worker; link the build of OpenBLAS with pthreads")
        }
        if let quota = Processors.cgroupQuota, quota < Double(Processors.scheduled) {
            warnings.append(
                "a cgroup grants \(NumberFormat.fixed(quota, decimals: 1)) of \(Processors.scheduled) cores; more workers would only be throttled"
            )
        }
        for warning in warnings { print("warning: \(warning)") }
        if warnings.isEmpty { print("nothing to warn of") }
    }

    /// The vector instructions that the processor reports.
    private var simd: String {
        guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") || $0.hasPrefix("Features") })
        else { return "unknown" }
        let flags = Set(line.split(separator: " ").map(String.init))
        let known = [
            ("avx512f", "AVX-512"), ("avx2", "AVX2"), ("fma", "FMA"), ("avx", "AVX"), ("sse4_2", "SSE4.2"),
            ("asimd", "NEON"),
        ]
        let found = known.filter { flags.contains($0.0) }.map(\.1)
        return found.isEmpty ? "none" : found.joined(separator: ", ")
    }
}
