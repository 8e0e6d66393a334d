internal import COpenBLAS

/// The BLAS library behind `multiply`.
public enum BLAS {
    /// The most threads that may call BLAS at once: the packaged OpenBLAS keeps its buffers for a bounded number of
    /// callers and crashes above 128.
    public static let callerLimit = 64

    /// Set once: parallelism is the trainer's, and the bits of a product depend on the number of BLAS threads.
    private static let oneThread: Void = openblas_set_num_threads(1)

    /// Makes every product run on the thread that asks for it.
    package static func useOneThread() {
        _ = oneThread
    }

    /// Whether a product runs on the thread that asks for it, as it must inside a worker.
    public static var usesOneThread: Bool {
        useOneThread()
        return openblas_get_num_threads() == 1
    }

    /// The kernel family that OpenBLAS chose for this processor, such as `SkylakeX` or `Haswell`. Products have the
    /// same bits only under the same kernel.
    public static var kernel: String { string(openblas_get_corename()) }

    /// Whether small products have kernels of their own, which `ProductTiling` cuts large ones to.
    static let hasSmallMatrixKernels = ["SkylakeX", "Cooperlake", "SapphireRapids"].contains(kernel)

    /// The library's version and build options.
    public static var configuration: String { string(openblas_get_config()) }

    private static func string(_ characters: UnsafePointer<CChar>?) -> String {
        guard let characters else { return "unknown" }
        return String(cString: characters)
    }
}
