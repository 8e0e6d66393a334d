#ifndef DESCENT_MULTIVERSION_H
#define DESCENT_MULTIVERSION_H

/// Compiles a function for AVX-512, AVX2 and the baseline; the loader picks one when the program starts. The
/// compiler vectorises each, so the loops stay plain C. Thread sanitizer cannot run before relocation, where the
/// choice is made, so its builds take the baseline.
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__) && !__has_feature(thread_sanitizer)
#define MULTIVERSION __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MULTIVERSION
#endif

#define INLINE static inline __attribute__((always_inline))

/// Before a loop whose iterations touch different elements: results may be written over their own inputs, and a check
/// for overlap at run time would send exactly those calls to the slow loop.
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")

#endif
