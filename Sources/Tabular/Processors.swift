internal import LinearAlgebra
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The processors that this process may use.
public enum Processors {
    /// The number of workers to start with: what the scheduler allows this process, less where a cgroup's quota is
    /// smaller.
    public static var usable: Int {
        max(1, min(scheduled, cgroupQuota.map { Int($0.rounded(.up)) } ?? .max))
    }

    /// The processors in this process' affinity mask.
    public static var scheduled: Int { allowedProcessors ?? online }

    /// The processors that the machine runs.
    public static var online: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// The bytes of memory that the machine has, less where a cgroup's limit is smaller.
    public static var memory: Int {
        let physical = max(1, sysconf(Int32(_SC_PHYS_PAGES))) * max(1, sysconf(Int32(_SC_PAGESIZE)))
        let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"].compactMap {
            words(ofFile: $0)?.first.flatMap { Int($0) }
        }
        return limits.reduce(physical) { $1 > 0 ? min($0, $1) : $0 }
    }

    /// The processors' worth of time that a cgroup grants (`cpu.max` of version 2, `cpu.cfs_quota_us` of version 1);
    /// `nil` without a limit.
    public static var cgroupQuota: Double? {
        if let words = words(ofFile: "/sys/fs/cgroup/cpu.max"), words.count == 2, let quota = Double(words[0]),
            let period = Double(words[1]), period > 0
        {
            return quota / period
        }
        if let quota = words(ofFile: "/sys/fs/cgroup/cpu/cpu.cfs_quota_us")?.first.flatMap({ Double($0) }), quota > 0,
            let period = words(ofFile: "/sys/fs/cgroup/cpu/cpu.cfs_period_us")?.first.flatMap({ Double($0) }),
            period > 0
        {
            return quota / period
        }
        return nil
    }

    private static func words(ofFile path: String) -> [Substring]? {
        guard let descriptor = try? FileDescriptor.open(FilePath(path), .readOnly) else { return nil }
        defer { try? descriptor.close() }
        var bytes = [UInt8](repeating: 0, count: 256)
        guard let count = try? bytes.withUnsafeMutableBytes({ try descriptor.read(into: $0) }) else { return nil }
        return String(decoding: bytes[..<count], as: UTF8.self).split { $0 == " " || $0 == "\n" }
    }
}
