internal import LinearAlgebra

/// Rows held out at random, a function of the seed alone; of every class the same share.
struct Split {
    let training: [UInt32]
    let validation: [UInt32]

    /// `nil` when a share would be empty.
    init?(_ samples: Samples, share: Double, seed: UInt64) {
        guard var sampling = HeldOutSampling(totals: samples.classTotals, share: share, seed: seed) else { return nil }
        var training: [UInt32] = []
        var validation: [UInt32] = []
        training.reserveCapacity(sampling.trainingCount)
        validation.reserveCapacity(sampling.validationCount)
        for row in 0..<samples.rowCount {
            if sampling.holdsOutNext(of: samples.splittingClass(row)) {
                validation.append(UInt32(row))
            } else {
                training.append(UInt32(row))
            }
        }
        self.training = training
        self.validation = validation
    }
}
