#ifndef CSQLITE_SHIM_H
#define CSQLITE_SHIM_H

#include <sqlite3.h>

#ifdef __linux__
// Swift's Glibc and Musl modules leave statfs out; the store asks it whether a file lies on a network file system.
#include <sys/statfs.h>
#endif

// sqlite3_db_config is variadic, which Swift cannot call.
// Keeps the last connection from moving the write-ahead log into the database when it closes: only the writer may.
static inline int csqlite_disable_checkpoint_on_close(sqlite3 *database) {
  return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

// sqlite3_config is variadic, too. Takes effect only before SQLite is first used in the process.
static inline int csqlite_leave_out_memory_statistics(void) {
  return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

#endif
