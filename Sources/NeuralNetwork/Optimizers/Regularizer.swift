/// What a parameter adds to the loss: `l1 Σ|w| + l2 Σw²`; its gradient is `l1 sign(w) + 2 l2 w`, 0 for l1 at 0.
public struct Regularizer: Sendable, Hashable, Codable {
    public var l1: Float
    public var l2: Float

    /// No penalty.
    public static let none = Regularizer(l1: 0, l2: 0)

    public init(l1: Float = 0, l2: Float = 0) {
        self.l1 = l1
        self.l2 = l2
    }
}
