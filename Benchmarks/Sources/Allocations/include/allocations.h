#ifndef SAGA_ALLOCATIONS_H
#define SAGA_ALLOCATIONS_H

#include <stdint.h>

// How many blocks this thread has asked `malloc` for, or -1 where that is not counted.
int64_t allocations_of_this_thread(void);

#endif
