// swift-tools-version: 6.2

import PackageDescription

/// Every Swift target is built alike: language mode 6, imports internal unless said, and no warning.
let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "descent",
    products: [
        .library(name: "Descent", targets: ["Descent"]),
        .executable(name: "descent", targets: ["DescentCommand"]),
    ],
    traits: [.trait(name: "MPI", description: "Train on several processes and machines, by MPI.")],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.6.0"),
    ],
    targets: [
        // MARK: System libraries
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        // The name under which pkg-config knows the MPI to use: Debian's choice, or ompi-c, mpich, ….
        .systemLibrary(
            name: "CMPI", pkgConfig: Context.environment["MPI_PKG_CONFIG"] ?? "mpi-c",
            providers: [.apt(["libopenmpi-dev"])]),

        // MARK: C
        .target(name: "CKernels"),
        .target(name: "CFastFloat"),

        // MARK: The library, from the ground up
        .target(
            name: "HDF5",
            dependencies: ["CHDF5", "CDeflate", .product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: swiftSettings),
        .target(name: "LinearAlgebra", dependencies: ["COpenBLAS", "CKernels"], swiftSettings: swiftSettings),
        .target(name: "NeuralNetwork", dependencies: ["LinearAlgebra"], swiftSettings: swiftSettings),
        .target(
            name: "Tabular",
            dependencies: [
                "CFastFloat", "CKernels", "CZlib", "HDF5", "LinearAlgebra",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "ModelFile",
            dependencies: [
                "COpenSSL", "HDF5", "LinearAlgebra", "NeuralNetwork", "Tabular",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "Training",
            dependencies: [
                "LinearAlgebra", "ModelFile", "NeuralNetwork", "Tabular",
                .target(name: "CMPI", condition: .when(traits: ["MPI"])),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "Descent",
            dependencies: ["HDF5", "LinearAlgebra", "NeuralNetwork", "Tabular", "ModelFile", "Training"],
            swiftSettings: swiftSettings),

        // MARK: The command
        .executableTarget(
            name: "DescentCommand",
            dependencies: [
                "Descent", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: swiftSettings),

        // MARK: Tests
        .target(
            name: "TestSupport", dependencies: ["LinearAlgebra", "NeuralNetwork", "Tabular"], path: "Tests/TestSupport",
            swiftSettings: swiftSettings),
        .testTarget(
            name: "HDF5Tests", dependencies: ["HDF5", "TestSupport"], exclude: ["Fixtures"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "LinearAlgebraTests", dependencies: ["LinearAlgebra", "TestSupport"], swiftSettings: swiftSettings),
        .testTarget(
            name: "NeuralNetworkTests", dependencies: ["NeuralNetwork", "TestSupport"],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "TabularTests", dependencies: ["Tabular", "HDF5", "TestSupport"], exclude: ["Fixtures"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "ModelFileTests", dependencies: ["ModelFile", "HDF5", "TestSupport"], exclude: ["Fixtures"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "TrainingTests", dependencies: ["Descent", "TestSupport"], exclude: ["Fixtures"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "DescentCommandTests", dependencies: ["DescentCommand", "Descent", "HDF5", "TestSupport"],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17,
    cxxLanguageStandard: .cxx17
)
