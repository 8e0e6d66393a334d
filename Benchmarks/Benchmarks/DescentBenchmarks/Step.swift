import Benchmark
import ModelFile
import NeuralNetwork
import Tabular
import Training

/// A training step of each reference workload by itself: workers are woken for one batch.
func registerSteps() {
    for workload in Workload.all {
        registerTraining("Step \(workload.name)", workload, rows: workload.batchSize, lasting: .milliseconds(700))
    }
}

/// An epoch of each reference workload.
func registerEpochs() {
    for workload in Workload.all {
        registerTraining("Epoch \(workload.name)", workload, rows: workload.rows, lasting: .seconds(2))
    }
}

/// Epochs over so many rows, on one worker and on all. The rates are those that training itself reports; the time is
/// the whole epoch's, with what stands around the steps.
private func registerTraining(_ name: String, _ workload: Workload, rows: Int, lasting duration: Duration) {
    let (samplesPerSecond, megaflops) = (Rate.rows, Rate.megaflops)
    let operations = Double(workload.graph.trainingOperationsPerRow)
    let configuration = Benchmark.Configuration(
        metrics: [samplesPerSecond.metric, megaflops.metric, .wallClock],
        units: [samplesPerSecond.metric: .count, megaflops.metric: .count], maxDuration: duration)
    for (workersName, workers) in [("1 worker", 1), ("all workers", Processors.usable)] {
        Benchmark("\(name), \(workersName)", configuration: configuration) {
            (benchmark: Benchmark, training: Training) throws in
            guard let epoch = try training.nextEpoch() else { return benchmark.error("The epochs are used up.") }
            benchmark.measurement(
                samplesPerSecond.metric, samplesPerSecond.value(amount: epoch.samplesPerSecond, seconds: 1))
            benchmark.measurement(
                megaflops.metric, megaflops.value(amount: operations * epoch.samplesPerSecond, seconds: 1))
        } setup: {
            try Training(
                of: workload.graph, on: workload.samples(rows: rows), configuration: workload.configuration,
                epochs: 1_000_000, workers: workers)
        }
    }
}
