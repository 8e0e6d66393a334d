/// Descent trains dense neural networks on CSV and HDF5 tables.
///
/// This module re-exports the others; `import Descent` is all a program needs.
@_exported public import HDF5
@_exported public import LinearAlgebra
@_exported public import ModelFile
@_exported public import NeuralNetwork
@_exported public import Tabular
@_exported public import Training

/// The version of this package.
public let descentVersion = "0.1.0"
