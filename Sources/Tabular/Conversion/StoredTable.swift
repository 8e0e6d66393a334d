internal import HDF5

/// How a conversion lays a table out in HDF5.
///
/// Every column is a dataset at the root, named as the column is, of the narrowest type that holds its values; in wide
/// tables columns of one type that stand side by side share a matrix, since each dataset costs a header and an index. All
/// have chunks of as many rows, so that a window of rows is a few whole chunks. Missing numbers are NaN. A column of texts
/// holds codes from 0, -1 where one is missing, and its levels stand beside it. A group tells what HDF5 does not:
///
///     /descent_table          attribute `version`
///         names               the columns, in order
///         datasets            where each of them is
///         positions           its column there
///         levels/K            what the codes of column K stand for
///         texts/K             codes of the texts of column K, where that is numbers written as these would not be:
///                             007, 1.50
///
/// Columns stay apart because that keeps a type for each, and because h5py and pandas then find them by name.
enum StoredTable {
    static let group = "descent_table"
    static let version: Int64 = 1

    static let names = "\(group)/names"
    static let datasets = "\(group)/datasets"
    static let positions = "\(group)/positions"
    static let levels = "levels"
    static let texts = "texts"

    /// Whether a file is laid out so.
    static func isIn(_ file: File) throws(HDF5Error) -> Bool {
        guard try file.root.contains(group), case .group = try file.root.kind(of: group) else { return false }
        return try file.root.group(group).attributes.contains("version")
    }
}
