#ifndef DESCENT_PREFETCH_H
#define DESCENT_PREFETCH_H

/// Asks for the memory at a place that will be needed soon, whether or not it may be read.
static inline void descent_prefetch(const void *place) { __builtin_prefetch(place); }

#endif
