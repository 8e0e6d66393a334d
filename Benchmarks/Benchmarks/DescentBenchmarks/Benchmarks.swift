import Benchmark

/// All benchmarks. Each runs in a process of its own, so nothing is made up before its `setup`.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration.warmupIterations = 1
    Benchmark.teardown = { try ScratchFolder.remove() }

    registerProducts()
    registerElementwiseFunctions()
    registerLosses()
    registerRowOperations()
    registerLayerPasses()
    registerSums()
    registerUpdates()
    registerSteps()
    registerEpochs()
    registerCSVReading()
    registerHDF5Reading()
}
