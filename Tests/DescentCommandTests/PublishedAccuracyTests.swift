import Descent
import Foundation
import TestSupport
import Testing

@testable import DescentCommand

/// Raw tables with texts and missing values, each trained by one command, against what is published for dense networks.
@Suite("Accuracy from raw tables")
struct PublishedAccuracyTests {
    private static func accuracy(_ arguments: [String], split: String) throws -> Double {
        let directory = try TemporaryDirectory()
        let log = directory.path("log.jsonl")
        _ = try Command.succeed(
            ["train"] + arguments + ["--quiet", "--output", directory.path("model.h5"), "--log", log])
        let lines = try EventLines(log)
        let last = try #require(lines.last { $0["\(split)_accuracy"] != nil })
        return try #require(last["\(split)_accuracy"]?.number)
    }

    /// 0.852 ± 0.004 on the published split: Gorishniy, Rubachev, Khrulkov and Babenko 2021, a tuned MLP.
    @Test(
        "Adult: no header, blanks, missing values, and a test file whose classes end in a full stop",
        .enabled(if: Datasets.externalPath("adult/adult-train.csv") != nil, "DESCENT_DATASETS has no adult/"))
    func adult() throws {
        let train = try #require(Datasets.externalPath("adult/adult-train.csv"))
        let test = try #require(Datasets.externalPath("adult/adult-test.csv"))
        let accuracy = try Self.accuracy(
            [train, "--target", "14", "--test", test, "--layers", "64", "--epochs", "4", "--batch-size", "256"],
            split: "test")
        #expect(accuracy > 0.848 && accuracy < 0.87)
    }

    /// Always the more frequent class is right for 0.616 of the passengers, the sex alone for 0.787.
    @Test(
        "Titanic: names and tickets that are all different, missing ages and cabins",
        .enabled(if: Datasets.externalPath("titanic/train.csv") != nil, "DESCENT_DATASETS has no titanic/"))
    func titanic() throws {
        let train = try #require(Datasets.externalPath("titanic/train.csv"))
        let accuracy = try Self.accuracy([train, "--target", "Survived", "--validation-split", "0.2"], split: "val")
        #expect(accuracy > 0.79 && accuracy < 0.9)
    }
}
