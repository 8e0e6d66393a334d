import LinearAlgebra
import Testing

@Suite("Shared buffers")
struct SharedBufferTests {
    @Test("A buffer starts as zeros on a cache line", arguments: [0, 1, 15, 1000])
    func creation(count: Int) {
        let buffer = SharedBuffer<Float>(count: count)
        #expect(buffer.count == count)
        #expect(buffer.elements == Array(repeating: 0, count: count))
        #expect(UInt(bitPattern: UnsafeRawPointer(buffer.base)) % UInt(SharedBuffer<Float>.alignment) == 0)
    }

    @Test("Elements are read and written, and copied between buffers")
    func elements() {
        let buffer = SharedBuffer<UInt32>([1, 2, 3])
        buffer[1] = 20
        #expect(buffer.elements == [1, 20, 3])
        let other = SharedBuffer<UInt32>(count: 3)
        other.copy(from: buffer)
        buffer[0] = 10
        #expect(other.elements == [1, 20, 3])
    }
}
