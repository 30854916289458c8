#ifndef SAGA_FLOOR_H
#define SAGA_FLOOR_H

#include <stdint.h>

// What a saga store must do per message and nothing else, in bare C over SQLite: the engine is measured against it.

// Makes a database with so many instances of 256 B. Returns 0, or -1 after writing what went wrong.
int floor_prepare(const char *path, int64_t instances);

// Takes `events` messages, numbered from `first`, in transactions of `group`, for instances chosen at random: uniformly, or
// where `hot` is over 0 nine in ten among the newest `hot`. Returns the seconds it took until everything was committed and
// checkpointed, or -1.
double floor_run(const char *path, int64_t instances, int64_t events, int64_t group, uint64_t seed, int64_t first,
                 int64_t hot);

// Writes 4 KiB and calls fdatasync (F_FULLFSYNC on macOS) for so many seconds. Returns calls per second, or -1.
double floor_fdatasync(const char *path, double seconds);

// The same `count` times; the seconds that each took. Returns 0, or -1.
int floor_fdatasync_each(const char *path, double *seconds, int64_t count);

// The version of the library that is linked.
const char *floor_sqlite_version(void);

#endif
