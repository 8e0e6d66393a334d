import ModelFile
import Testing

@Suite("Metrics")
struct MetricTests {
    @Test("More is better", arguments: ["accuracy", "top_5_accuracy", "auc", "precision", "recall", "f1", "r2"])
    func increases(_ name: String) {
        for prefix in ["", "val_", "test_"] { #expect(Metric(prefix + name, 0).increases, "\(prefix + name)") }
    }

    @Test("Less is better", arguments: ["loss", "mse", "mae", "rmse", "val", "test", "value_accuracy"])
    func decreases(_ name: String) {
        for prefix in ["", "val_", "test_"] { #expect(!Metric(prefix + name, 0).increases, "\(prefix + name)") }
    }

    @Test("A record finds its metrics by name and reads as a sentence")
    func record() {
        let record = EpochRecord(
            epoch: 3, metrics: [Metric("loss", 0.5), Metric("val_loss", 0.25)], learningRate: 0.1, seconds: 1,
            samplesPerSecond: 2)
        #expect(record["val_loss"] == 0.25)
        #expect(record["accuracy"] == nil)
        #expect(record.description == "epoch 3: loss 0.5, val_loss 0.25")
    }
}
