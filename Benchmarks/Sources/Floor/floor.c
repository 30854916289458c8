#define _GNU_SOURCE
#include "floor.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { id_bytes = 16, payload_bytes = 256 };

static double monotonic_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// splitmix64
static uint64_t next_random(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15ull);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

// A time-ordered id: 8 bytes that ascend, 8 that do not.
static void make_id(unsigned char id[id_bytes], uint64_t ascending) {
  uint64_t seed = ascending;
  uint64_t random = next_random(&seed);
  for (int i = 0; i < 8; i++) {
    id[i] = (unsigned char)(ascending >> (56 - 8 * i));
    id[8 + i] = (unsigned char)(random >> (56 - 8 * i));
  }
}

static sqlite3 *open_database(const char *path) {
  sqlite3 *database = NULL;
  if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL)) {
    fprintf(stderr, "floor: %s: %s\n", path, sqlite3_errmsg(database));
    sqlite3_close(database);
    return NULL;
  }
  return database;
}

static int execute(sqlite3 *database, const char *sql) {
  char *message = NULL;
  if (sqlite3_exec(database, sql, NULL, NULL, &message) == SQLITE_OK) return 0;
  fprintf(stderr, "floor: %s: %s\n", sql, message);
  sqlite3_free(message);
  return -1;
}

static const char *settings =
    "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000;"
    "PRAGMA secure_delete=OFF; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536; PRAGMA mmap_size=0;"
#ifdef __APPLE__
    "PRAGMA fullfsync=ON; PRAGMA checkpoint_fullfsync=ON;"
#endif
    ;

static const char *schema =
    "CREATE TABLE inbox(id BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE instance(id BLOB PRIMARY KEY, revision INTEGER NOT NULL, due INTEGER NOT NULL, state BLOB NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE outbox(seq INTEGER PRIMARY KEY, instance BLOB NOT NULL, body BLOB NOT NULL) STRICT;"
    "CREATE TABLE history(seq INTEGER PRIMARY KEY, instance BLOB NOT NULL, body BLOB NOT NULL) STRICT;"
    "CREATE TABLE timer(due INTEGER, instance BLOB, PRIMARY KEY(due, instance)) STRICT, WITHOUT ROWID;";

static sqlite3_stmt *prepare(sqlite3 *database, const char *sql) {
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL))
    fprintf(stderr, "floor: %s: %s\n", sql, sqlite3_errmsg(database));
  return statement;
}

static int step(sqlite3_stmt *statement) {
  int code = sqlite3_step(statement);
  if (code != SQLITE_DONE)
    fprintf(stderr, "floor: %s: %s\n", sqlite3_sql(statement), sqlite3_errmsg(sqlite3_db_handle(statement)));
  sqlite3_reset(statement);
  return code == SQLITE_DONE ? 0 : -1;
}

int floor_prepare(const char *path, int64_t instances) {
  sqlite3 *database = open_database(path);
  if (!database) return -1;
  int result = -1;
  sqlite3_stmt *instance = NULL, *timer = NULL;
  if (execute(database, settings) || execute(database, schema) || execute(database, "BEGIN")) goto done;
  instance = prepare(database, "INSERT INTO instance VALUES(?1, 1, ?2, ?3)");
  timer = prepare(database, "INSERT INTO timer VALUES(?1, ?2)");
  if (!instance || !timer) goto done;
  unsigned char id[id_bytes], payload[payload_bytes];
  memset(payload, 'x', sizeof payload);
  for (int64_t number = 0; number < instances; number++) {
    make_id(id, (uint64_t)number);
    sqlite3_bind_blob(instance, 1, id, id_bytes, SQLITE_STATIC);
    sqlite3_bind_int64(instance, 2, number);
    sqlite3_bind_blob(instance, 3, payload, payload_bytes, SQLITE_STATIC);
    sqlite3_bind_int64(timer, 1, number);
    sqlite3_bind_blob(timer, 2, id, id_bytes, SQLITE_STATIC);
    if (step(instance) || step(timer)) goto done;
  }
  if (execute(database, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")) goto done;
  result = 0;
done:
  sqlite3_finalize(instance);
  sqlite3_finalize(timer);
  sqlite3_close(database);
  return result;
}

enum { begin, commit, dedupe, read_instance, update_instance, outbox, history, unset_timer, set_timer, statement_count };

static const char *statements[statement_count] = {
    "BEGIN IMMEDIATE",
    "COMMIT",
    "INSERT INTO inbox VALUES(?1, ?2) ON CONFLICT DO NOTHING",
    "SELECT revision, due, state FROM instance WHERE id = ?1",
    "UPDATE instance SET revision = ?2, due = ?3, state = ?4 WHERE id = ?1 AND revision = ?2 - 1",
    "INSERT INTO outbox VALUES(?1, ?2, ?3)",
    "INSERT INTO history VALUES(?1, ?2, ?3)",
    "DELETE FROM timer WHERE due = ?1 AND instance = ?2",
    "INSERT INTO timer VALUES(?1, ?2)",
};

static int take_message(sqlite3_stmt **statement, int64_t number, uint64_t instance_number, int64_t instances) {
  unsigned char message[id_bytes], instance[id_bytes], payload[payload_bytes];
  make_id(message, (uint64_t)number);
  make_id(instance, instance_number);

  sqlite3_bind_blob(statement[dedupe], 1, message, id_bytes, SQLITE_STATIC);
  sqlite3_bind_int64(statement[dedupe], 2, number);
  if (step(statement[dedupe])) return -1;

  sqlite3_bind_blob(statement[read_instance], 1, instance, id_bytes, SQLITE_STATIC);
  if (sqlite3_step(statement[read_instance]) != SQLITE_ROW) return -1;
  int64_t revision = sqlite3_column_int64(statement[read_instance], 0) + 1;
  int64_t due = sqlite3_column_int64(statement[read_instance], 1);
  memcpy(payload, sqlite3_column_blob(statement[read_instance], 2), payload_bytes);
  sqlite3_reset(statement[read_instance]);
  payload[number % payload_bytes] ^= 1;

  int64_t new_due = instances + number;
  sqlite3_bind_blob(statement[update_instance], 1, instance, id_bytes, SQLITE_STATIC);
  sqlite3_bind_int64(statement[update_instance], 2, revision);
  sqlite3_bind_int64(statement[update_instance], 3, new_due);
  sqlite3_bind_blob(statement[update_instance], 4, payload, payload_bytes, SQLITE_STATIC);
  if (step(statement[update_instance])) return -1;

  for (int table = outbox; table <= history; table++) {
    sqlite3_bind_int64(statement[table], 1, number + 1);
    sqlite3_bind_blob(statement[table], 2, instance, id_bytes, SQLITE_STATIC);
    sqlite3_bind_blob(statement[table], 3, payload, payload_bytes, SQLITE_STATIC);
    if (step(statement[table])) return -1;
  }

  sqlite3_bind_int64(statement[unset_timer], 1, due);
  sqlite3_bind_blob(statement[unset_timer], 2, instance, id_bytes, SQLITE_STATIC);
  sqlite3_bind_int64(statement[set_timer], 1, new_due);
  sqlite3_bind_blob(statement[set_timer], 2, instance, id_bytes, SQLITE_STATIC);
  return step(statement[unset_timer]) || step(statement[set_timer]) ? -1 : 0;
}

static uint64_t choose_instance(uint64_t *seed, uint64_t instances, uint64_t hot) {
  if (hot > instances) hot = instances;
  if (hot > 0 && next_random(seed) % 10 != 0) return instances - 1 - next_random(seed) % hot;
  return next_random(seed) % instances;
}

double floor_run(const char *path, int64_t instances, int64_t events, int64_t group, uint64_t seed, int64_t first,
                 int64_t hot) {
  sqlite3 *database = open_database(path);
  if (!database) return -1;
  double result = -1;
  sqlite3_stmt *statement[statement_count] = {NULL};
  if (execute(database, settings)) goto done;
  for (int i = 0; i < statement_count; i++)
    if (!(statement[i] = prepare(database, statements[i]))) goto done;

  double start = monotonic_seconds();
  const int64_t last = first + events;
  for (int64_t number = first; number < last;) {
    if (step(statement[begin])) goto done;
    for (int64_t end = number + group < last ? number + group : last; number < end; number++) {
      uint64_t instance = choose_instance(&seed, (uint64_t)instances, (uint64_t)hot);
      if (take_message(statement, number, instance, instances)) goto done;
    }
    if (step(statement[commit])) goto done;
  }
  if (sqlite3_wal_checkpoint_v2(database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL)) goto done;
  result = monotonic_seconds() - start;
done:
  for (int i = 0; i < statement_count; i++) sqlite3_finalize(statement[i]);
  sqlite3_close(database);
  return result;
}

// As a write-ahead log after its first checkpoint: the file has its size, blocks are written over.
enum { log_blocks = 1024 };

static int open_log(const char *path, const char *block, size_t size) {
  int descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (descriptor < 0) return -1;
  for (int i = 0; i < log_blocks; i++)
    if (write(descriptor, block, size) != (ssize_t)size) return close(descriptor), -1;
  fsync(descriptor);
  return descriptor;
}

static int write_durably(int descriptor, const char *block, size_t size, int64_t number) {
  if (pwrite(descriptor, block, size, (number % log_blocks) * (off_t)size) != (ssize_t)size) return -1;
#ifdef __APPLE__
  return fcntl(descriptor, F_FULLFSYNC);
#else
  return fdatasync(descriptor);
#endif
}

double floor_fdatasync(const char *path, double seconds) {
  char block[4096];
  memset(block, 'x', sizeof block);
  int descriptor = open_log(path, block, sizeof block);
  if (descriptor < 0) return -1;
  int64_t calls = 0;
  double start = monotonic_seconds(), elapsed = 0;
  while ((elapsed = monotonic_seconds() - start) < seconds) {
    if (write_durably(descriptor, block, sizeof block, calls)) break;
    calls++;
  }
  close(descriptor);
  return calls ? (double)calls / elapsed : -1;
}

int floor_fdatasync_each(const char *path, double *seconds, int64_t count) {
  char block[4096];
  memset(block, 'x', sizeof block);
  int descriptor = open_log(path, block, sizeof block);
  if (descriptor < 0) return -1;
  int result = 0;
  for (int64_t number = 0; number < count && result == 0; number++) {
    double start = monotonic_seconds();
    result = write_durably(descriptor, block, sizeof block, number);
    seconds[number] = monotonic_seconds() - start;
  }
  close(descriptor);
  return result;
}

const char *floor_sqlite_version(void) { return sqlite3_libversion(); }
