internal import Descent

/// The training table as a file that can be read in any order, where it is not one already.
struct TableOnDisk {
    private let cache: TableCache
    private let arguments: TrainCommand
    private let format: TableFormat

    init(_ arguments: TrainCommand) throws {
        self.arguments = arguments
        cache = TableCache(folder: arguments.cache)
        format = try arguments.data.format.tableFormat(workers: arguments.training.usedWorkers)
    }

    /// The file that an earlier run made; one that cannot be read is as good as none.
    func found(named name: String) -> (any RandomAccessTable)? {
        try? cache.table(
            of: arguments.data.data, format: format, categorical: arguments.schema.options.categorical, named: name)
    }

    /// The file, made now: by the first rank, and by others where its file is not theirs too. Common to all ranks.
    func made(of source: any TableSource, _ communicator: any Communicator) throws -> any RandomAccessTable {
        guard communicator.rank > 0 else {
            let table = try made(of: source)
            communicator.meet()
            return table
        }
        communicator.meet()
        return try found(named: source.name) ?? made(of: source)
    }

    private func made(of source: any TableSource) throws -> any RandomAccessTable {
        var report = RowReport("made readable in any order", isQuiet: arguments.quiet)
        report.say("\(source.name) does not fit in memory: it is kept as HDF5 in \(cache.folder)")
        // What is half written is to be cleared away.
        Interruption.hasWorkToSave = true
        let table = try cache.add(
            source, paths: arguments.data.data, format: format, categorical: arguments.schema.options.categorical
        ) { progress in
            report.update(rows: progress.rows, of: progress.totalRows)
            return !Interruption.isRequested
        }
        Interruption.hasWorkToSave = false
        report.clear()
        guard let table else {
            throw Failure(Interruption.exitCode ?? .interrupted, "interrupted; nothing was trained")
        }
        return table
    }
}
