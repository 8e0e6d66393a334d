/// Tells from its first bytes that a file is not text, so that the message can say what it is.
enum FileSignature {
    private static let gunzip = "decompress it first, for example with"

    private static let known: [(bytes: [UInt8], what: String)] = [
        (
            [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A],
            "this is an HDF5 file, not CSV: give it a name that ends in .h5"
        ),
        ([0x1F, 0x8B], "this is compressed with gzip: \(gunzip) `gunzip`"),
        ([0x42, 0x5A, 0x68], "this is compressed with bzip2: \(gunzip) `bunzip2`"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "this is compressed with xz: \(gunzip) `unxz`"),
        ([0x28, 0xB5, 0x2F, 0xFD], "this is compressed with Zstandard: \(gunzip) `unzstd`"),
        (
            [0x50, 0x4B, 0x03, 0x04],
            "this is a ZIP archive or an Excel workbook: unzip it, or save the sheet as CSV"
        ),
        ([0x50, 0x41, 0x52, 0x31], "this is a Parquet file: convert it to CSV or HDF5"),
        ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], "this is a NumPy file: convert it to CSV or HDF5"),
        (Array("SQLite format 3".utf8) + [0], "this is an SQLite database: export the table as CSV"),
        ([0xFF, 0xFE], "this is UTF-16 text: save it as UTF-8 (`iconv -f UTF-16 -t UTF-8`)"),
        ([0xFE, 0xFF], "this is UTF-16 text: save it as UTF-8 (`iconv -f UTF-16 -t UTF-8`)"),
    ]

    /// What the file is and what to do, when its start is that of a known binary format.
    static func refusal(of start: [UInt8]) -> String? {
        guard let match = known.first(where: { start.starts(with: $0.bytes) }) else { return nil }
        // "BZh" and "PAR1" are letters: a table may begin with them, and a compressed file has more than text.
        let isLetters = match.bytes.allSatisfy { $0 >= 0x20 && $0 < 0x80 }
        let isText = start.prefix(64).allSatisfy { $0 >= 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        return isLetters && isText ? nil : match.what
    }
}
