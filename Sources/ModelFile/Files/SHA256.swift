internal import COpenSSL

/// SHA-256 (FIPS 180-4), by libcrypto, which uses the processor's instructions for it.
enum SHA256 {
    /// Bytes of a digest.
    static let size = 32

    /// The digest of some bytes.
    ///
    /// - Throws: `ModelError` when libcrypto offers no SHA-256, as configured by an administrator.
    static func digest(_ bytes: UnsafeRawBufferPointer) throws(ModelError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: size)
        var count: UInt32 = 0
        guard EVP_Digest(bytes.baseAddress, bytes.count, &digest, &count, EVP_sha256(), nil) == 1, count == size else {
            throw ModelError(.inputOutput, "libcrypto computes no SHA-256 here, so no model file can be checked")
        }
        return digest
    }
}
