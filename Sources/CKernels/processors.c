#define _GNU_SOURCE

#include "processors.h"

#include <sched.h>

int descent_allowed_processors(void) {
#if defined(__linux__)
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
#else
    return 0;
#endif
}
