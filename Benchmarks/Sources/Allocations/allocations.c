// The program's own `malloc`: it counts, and lets the C library's do the work. The dynamic linker prefers it for every library of
// the process, so the Swift runtime's blocks are counted too. A count is one instruction, in each thread's own memory.

#include "allocations.h"

#include <stdlib.h>

#if defined(__GLIBC__)

extern void *__libc_malloc(size_t size);

static __thread int64_t count __attribute__((tls_model("initial-exec")));

void *malloc(size_t size) {
  count++;
  return __libc_malloc(size);
}

int64_t allocations_of_this_thread(void) { return count; }

#else

int64_t allocations_of_this_thread(void) { return -1; }

#endif
