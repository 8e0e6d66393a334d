// swift-tools-version: 6.2

import PackageDescription

// What is measured are the library's kernels, which are `package`: visible to its own package alone, and SwiftPM names
// a package after its folder, which everybody calls as they like. So this package builds the library's modules as its
// own, through the link Sources -> ../Sources, with the settings of ../Package.swift.
let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(url: "https://github.com/apple/swift-system", from: "1.6.0"),
        // Without its traits: its counters of allocations would need two packages more.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        // MARK: The library
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "CKernels"),
        .target(name: "CFastFloat"),
        .target(name: "HDF5", dependencies: ["CHDF5", "CDeflate", systemPackage], swiftSettings: swiftSettings),
        .target(name: "LinearAlgebra", dependencies: ["COpenBLAS", "CKernels"], swiftSettings: swiftSettings),
        .target(name: "NeuralNetwork", dependencies: ["LinearAlgebra"], swiftSettings: swiftSettings),
        .target(
            name: "Tabular",
            dependencies: ["CFastFloat", "CKernels", "CZlib", "HDF5", "LinearAlgebra", systemPackage],
            swiftSettings: swiftSettings),
        .target(
            name: "ModelFile",
            dependencies: ["COpenSSL", "HDF5", "LinearAlgebra", "NeuralNetwork", "Tabular", systemPackage],
            swiftSettings: swiftSettings),
        .target(
            name: "Training", dependencies: ["LinearAlgebra", "ModelFile", "NeuralNetwork", "Tabular", systemPackage],
            swiftSettings: swiftSettings),

        // MARK: The benchmarks
        .executableTarget(
            name: "DescentBenchmarks",
            dependencies: [
                "HDF5", "LinearAlgebra", "ModelFile", "NeuralNetwork", "Tabular", "Training",
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/DescentBenchmarks", swiftSettings: swiftSettings,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17,
    cxxLanguageStandard: .cxx17
)
