#if canImport(Glibc)
    private import Glibc
#elseif canImport(Musl)
    private import Musl
#elseif canImport(Darwin)
    private import Darwin
#endif

/// The platform's cosine.
func platformCosine(_ x: Double) -> Double { cos(x) }

/// The platform's power; x^0 is 1.
func platformPower(_ x: Double, _ exponent: Double) -> Double { pow(x, exponent) }
