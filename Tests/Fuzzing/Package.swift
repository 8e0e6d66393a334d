// swift-tools-version: 6.2

import PackageDescription

// A fuzzer wants the code that it tries instrumented, which only the root package of a build may ask for. So this
// package builds the library's modules as its own, through the link Sources -> ../../Sources.
let sanitizers = Context.environment["FUZZER_SANITIZERS"] ?? "fuzzer"
let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
    .unsafeFlags(["-sanitize=\(sanitizers)", "-enable-testing"]),
]
// The runtime with its `main` is linked once, with the executable.
let withoutRuntime = sanitizers.split(separator: ",").map { $0 == "fuzzer" ? "fuzzer-no-link" : $0 }
let cSettings: [CSetting] = [.unsafeFlags(["-fsanitize=\(withoutRuntime.joined(separator: ","))"])]

let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "fuzzing",
    products: [.executable(name: "csv-fuzzer", targets: ["CSVFuzzerMain"])],
    dependencies: [.package(url: "https://github.com/apple/swift-system", from: "1.6.0")],
    targets: [
        // MARK: The library
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        .target(name: "CKernels", cSettings: cSettings),
        .target(name: "CFastFloat"),
        .target(name: "HDF5", dependencies: ["CHDF5", "CDeflate", systemPackage], swiftSettings: swiftSettings),
        .target(name: "LinearAlgebra", dependencies: ["COpenBLAS", "CKernels"], swiftSettings: swiftSettings),
        .target(
            name: "Tabular",
            dependencies: ["CFastFloat", "CKernels", "CZlib", "HDF5", "LinearAlgebra", systemPackage],
            swiftSettings: swiftSettings),

        // MARK: The fuzzer
        .target(
            name: "CSVFuzzer", dependencies: ["LinearAlgebra", "Tabular"], path: "CSVFuzzer",
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "CSVFuzzerMain", dependencies: ["CSVFuzzer"], path: "CSVFuzzerMain",
            linkerSettings: [.unsafeFlags(["-sanitize=\(sanitizers)"])]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17,
    cxxLanguageStandard: .cxx17
)
