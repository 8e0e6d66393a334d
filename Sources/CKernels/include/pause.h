#ifndef DESCENT_PAUSE_H
#define DESCENT_PAUSE_H

#include <sched.h>

/// Waits a moment for another thread: first by telling the processor, after some hundred microseconds by giving up the
/// core, which the thread waited for may need.
static inline void descent_pause(unsigned round) {
    if (round < 10000) {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ volatile("yield");
#endif
    } else {
        sched_yield();
    }
}

#endif
