internal import CKernels

/// Has freed memory of so many bytes and more given back to the system from now on. To be called before there are several
/// threads.
package func returnFreedBlocks(ofBytes bytes: Int) {
    descent_return_blocks(bytes)
}
