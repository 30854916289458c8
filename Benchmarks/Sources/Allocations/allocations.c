// The program's own `malloc`: it counts, and lets the C library's do the work. The dynamic linker prefers it for every library of
// the process, so the Swift runtime's blocks are counted too; blocks that are asked for by `calloc`, `realloc` or with an alignment
// are not. It costs a call and an addition in the thread's own memory, for everything that is measured alike. Not to be used together
// with another allocator, whose `free` would be given blocks of the C library.

#include "allocations.h"

#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OTHER_ALLOCATOR
#endif
#endif

#if defined(__GLIBC__) && !defined(OTHER_ALLOCATOR)

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
