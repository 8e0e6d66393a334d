#include "allocation.h"

#include <stdlib.h>

// Known only after a header of the library itself.
#if defined(__GLIBC__)
#include <malloc.h>
#endif

void descent_return_blocks(size_t bytes) {
#if defined(__GLIBC__)
    // By itself the library moves the threshold up to 32 MiB as blocks are freed, and keeps twice that at the top of each of
    // its heaps, of which it has eight for every processor.
    mallopt(M_MMAP_THRESHOLD, (int)bytes);
    mallopt(M_TRIM_THRESHOLD, (int)(2 * bytes));
#else
    (void)bytes;
#endif
}
