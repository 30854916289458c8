/// The file format: what makes a SQLite database a saga journal.
enum Schema {
  /// `PRAGMA application_id`: "SAGA".
  static let applicationID: Int64 = 0x5341_4741

  /// `PRAGMA user_version` of a database with every migration applied.
  static var version: Int64 { Int64(migrations.count) }

  /// The oldest version that readers, who migrate nothing, take as it is: what was added later are indexes, without which they only read
  /// more.
  static let oldestReadableVersion: Int64 = 1

  /// The tables that only the engine writes.
  static let tables: Set<String> = [
    "meta", "machine", "journal", "instance", "instance_key", "instance_seen", "parked", "dead_letter", "lane", "held",
    "consumed",
  ]

  /// Keeps the version in a database of the embedding service's, whose `user_version` is its own.
  static let guestVersion = """
    CREATE TABLE saga_schema(one INTEGER PRIMARY KEY CHECK(one=1), version INTEGER NOT NULL) STRICT;
    INSERT INTO saga_schema VALUES(1,0);
    """

  struct Migration {
    var name: String
    var sql: String
  }

  /// Ordered and append-only: the position of a migration, from 1, is the version it leads to.
  static let migrations = [
    Migration(name: "journal", sql: journal), Migration(name: "open instances", sql: openInstances),
  ]

  private static let journal = """
    CREATE TABLE meta(one INTEGER PRIMARY KEY CHECK(one=1),
     journal_id BLOB NOT NULL CHECK(length(journal_id)=16), epoch INTEGER NOT NULL CHECK(epoch>=0),
     copied INTEGER NOT NULL DEFAULT 0 CHECK(copied IN(0,1)), slots BLOB NOT NULL,
     folded_seq INTEGER NOT NULL, swept_seq INTEGER NOT NULL DEFAULT 0, clock_at INTEGER NOT NULL,
     CHECK(swept_seq<=folded_seq)) STRICT;
    CREATE TABLE machine(id INTEGER PRIMARY KEY, saga TEXT NOT NULL, version INTEGER NOT NULL,
     role TEXT NOT NULL DEFAULT '', sha256 BLOB NOT NULL CHECK(length(sha256)=32),
     source BLOB NOT NULL, UNIQUE(saga,version,role)) STRICT;
    CREATE TABLE journal(seq INTEGER PRIMARY KEY CHECK(seq>0), at INTEGER NOT NULL,
     kind INTEGER NOT NULL CHECK(kind BETWEEN 1 AND 9),
     slot INTEGER NOT NULL CHECK(slot BETWEEN 0 AND 4095),
     iid INTEGER CHECK(iid<=seq), revision INTEGER CHECK(revision>0),
     previous_seq INTEGER CHECK(previous_seq<seq), input_seq INTEGER CHECK(input_seq<seq),
     input BLOB, decided BLOB NOT NULL, outgoing BLOB, marks BLOB,
     CHECK((iid IS NULL)=(revision IS NULL)),
     CHECK((previous_seq IS NULL)=(revision IS NULL OR revision=1)),
     CHECK(input IS NULL OR input_seq IS NULL)) STRICT;
    CREATE TABLE instance(iid INTEGER PRIMARY KEY,
     machine INTEGER NOT NULL REFERENCES machine(id), uid BLOB NOT NULL CHECK(length(uid)=16),
     key TEXT NOT NULL, seq INTEGER NOT NULL, revision INTEGER NOT NULL,
     status INTEGER NOT NULL CHECK(status BETWEEN 1 AND 5),
     paused INTEGER NOT NULL DEFAULT 0 CHECK(paused IN(0,1)),
     wake_at INTEGER, closed_at INTEGER, state BLOB, seen BLOB NOT NULL,
     CHECK(seq>=iid), CHECK((closed_at IS NOT NULL)=(status IN(3,4))),
     CHECK(state IS NOT NULL OR closed_at IS NOT NULL),
     CHECK(wake_at IS NULL OR closed_at IS NULL)) STRICT;
    CREATE INDEX instance_wake ON instance(wake_at) WHERE wake_at IS NOT NULL;
    CREATE INDEX instance_closed ON instance(closed_at) WHERE closed_at IS NOT NULL;
    CREATE TABLE instance_key(hash BLOB PRIMARY KEY CHECK(length(hash)=16),
     iid INTEGER NOT NULL, shard INTEGER) STRICT, WITHOUT ROWID;
    CREATE TABLE instance_seen(iid INTEGER, id BLOB CHECK(length(id)=16),
     body BLOB NOT NULL CHECK(length(body)=8), PRIMARY KEY(iid,id)) STRICT, WITHOUT ROWID;
    CREATE TABLE parked(hash BLOB CHECK(length(hash)=16), id BLOB CHECK(length(id)=16),
     seq INTEGER NOT NULL REFERENCES journal(seq), expires_at INTEGER NOT NULL,
     PRIMARY KEY(hash,id)) STRICT, WITHOUT ROWID;
    CREATE INDEX parked_seq ON parked(seq);
    CREATE INDEX parked_expiry ON parked(expires_at);
    CREATE TABLE dead_letter(seq INTEGER PRIMARY KEY REFERENCES journal(seq),
     fingerprint BLOB NOT NULL UNIQUE CHECK(length(fingerprint)=16),
     resolved_seq INTEGER, resolution INTEGER CHECK(resolution IN(1,2))) STRICT;
    CREATE TABLE lane(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
     seq INTEGER NOT NULL, effect INTEGER NOT NULL) STRICT;
    CREATE TABLE held(lane INTEGER REFERENCES lane(id), seq INTEGER REFERENCES journal(seq),
     effect INTEGER, ordering BLOB NOT NULL CHECK(length(ordering)=16),
     attempts INTEGER NOT NULL, next_at INTEGER, reason TEXT NOT NULL,
     PRIMARY KEY(lane,seq,effect)) STRICT, WITHOUT ROWID;
    CREATE INDEX held_seq ON held(seq);
    CREATE TABLE consumed(consumer TEXT, id BLOB CHECK(length(id)=16), at INTEGER NOT NULL,
     body BLOB NOT NULL, result BLOB, PRIMARY KEY(consumer,id)) STRICT, WITHOUT ROWID;
    """

  /// Few instances are open beside all that have closed. Its entries are in the order of the ids, since what is indexed is NULL in all of
  /// them, and none is written between the birth of an instance and its end (`Query.updateOpenInstance`).
  ///
  /// There are databases of services that have it, and still say that they have not: an earlier version, which had opened them by their
  /// path, noted it in `user_version`.
  private static let openInstances =
    "CREATE INDEX IF NOT EXISTS instance_open ON instance(closed_at) WHERE closed_at IS NULL;"
}
