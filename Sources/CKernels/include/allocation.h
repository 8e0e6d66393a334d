#ifndef DESCENT_ALLOCATION_H
#define DESCENT_ALLOCATION_H

#include <stddef.h>

/// From now on memory of so many bytes and more comes from the system and goes back to it as soon as it is freed, where
/// the C library has a say in that. To be called before there are several threads.
void descent_return_blocks(size_t bytes);

#endif
