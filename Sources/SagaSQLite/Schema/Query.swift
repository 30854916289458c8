import SagaRuntime

/// Every statement of the store. Each is prepared once per connection; values are only ever bound.
enum Query: Int, CaseIterable {
  case begin, beginRead, commit, rollback, savepoint, rollbackToSavepoint, releaseSavepoint, dataVersion, shadow
  case savepointOfCommit, rollbackToSavepointOfCommit, releaseSavepointOfCommit
  case meta, completeFold, setSwept, setEpoch, setCopied, setArchive, insertMeta, lastSequence
  case machines, insertMachine, lanes, upsertLane
  case insertRow, row, rowsAfter
  case insertInstance, updateInstance, updateOpenInstance, instance
  case instancesAfter, openInstancesAfter, headersAfter, openHeadersAfter, wakesAt, wakesAfter
  case key, insertKey, replaceKey, removeKey, seen, insertSeen
  case parkedByKey, upsertParked, removeParked, parkedPage
  case deadLetter, upsertDeadLetter, removeDeadLetter, deadLettersAfter, unresolvedDeadLettersAfter
  case held, upsertHeld, removeHeld, heldAfter, heldOfLane
  case sweepable, deleteRow, forgetState
  case keysWithInstance, forgettable, deleteInstance, deleteSeen
  case consumed, upsertConsumed
  case anyInherited, inherited, inherit, inheritSpilled, consumedAfter, deleteConsumed

  var sql: String {
    switch self {
    case .begin: "BEGIN IMMEDIATE"
    case .beginRead: "BEGIN"
    case .commit: "COMMIT"
    case .rollback: "ROLLBACK"
    case .savepoint: "SAVEPOINT service"
    case .rollbackToSavepoint: "ROLLBACK TO service"
    case .releaseSavepoint: "RELEASE service"
    case .savepointOfCommit: "SAVEPOINT part"
    case .rollbackToSavepointOfCommit: "ROLLBACK TO part"
    case .releaseSavepointOfCommit: "RELEASE part"
    case .dataVersion: "PRAGMA data_version"
    case .shadow:
      """
      SELECT name FROM temp.sqlite_schema WHERE type<>'index'
       AND CASE type WHEN 'trigger' THEN tbl_name ELSE name END COLLATE NOCASE IN(\(Self.ownNames)) LIMIT 1
      """
    case .meta: "SELECT journal_id, epoch, copied, folded_seq, swept_seq, clock_at, slots FROM meta"
    case .completeFold: "UPDATE meta SET folded_seq=?1, clock_at=?2"
    case .setSwept: "UPDATE meta SET swept_seq=?1"
    case .setEpoch: "UPDATE meta SET epoch=?1, copied=0"
    case .setCopied: "UPDATE meta SET copied=1"
    case .setArchive: "UPDATE meta SET epoch=?1, copied=1"
    case .insertMeta: "INSERT INTO meta(one,journal_id,epoch,slots,folded_seq,clock_at) VALUES(1,?1,1,?2,0,0)"
    case .lastSequence: "SELECT max(seq) FROM journal"
    case .machines: "SELECT id, saga, version, role, sha256, source FROM machine ORDER BY id"
    case .insertMachine: "INSERT INTO machine(id,saga,version,role,sha256,source) VALUES(?1,?2,?3,?4,?5,?6)"
    case .lanes: "SELECT id, name, seq, effect FROM lane ORDER BY id"
    case .upsertLane:
      """
      INSERT INTO lane(id,name,seq,effect) VALUES(?1,?2,?3,?4)
      ON CONFLICT(id) DO UPDATE SET name=excluded.name, seq=excluded.seq, effect=excluded.effect
      """
    case .insertRow:
      """
      INSERT INTO journal(seq,at,kind,slot,iid,revision,previous_seq,input_seq,input,decided,outgoing,marks)
      VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)
      """
    case .row: "SELECT \(Self.rowColumns) FROM journal WHERE seq=?1"
    case .rowsAfter: "SELECT \(Self.rowColumns) FROM journal WHERE seq>?1 ORDER BY seq LIMIT ?2"
    case .insertInstance:
      """
      INSERT INTO instance(iid,machine,uid,key,seq,revision,status,paused,wake_at,closed_at,state,seen)
      VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)
      """
    case .updateInstance:
      """
      UPDATE instance SET machine=?2, seq=?5, revision=?6, status=?7, paused=?8, wake_at=?9, closed_at=?10,
       state=?11, seen=?12 WHERE iid=?1
      """
    // SQLite writes the entries of every index over a column that is set, though it be set to what it is.
    case .updateOpenInstance:
      """
      UPDATE instance SET machine=?2, seq=?5, revision=?6, status=?7, paused=?8, wake_at=?9, state=?11, seen=?12
      WHERE iid=?1 AND closed_at IS NULL
      """
    case .instance: "SELECT \(Self.instanceColumns) FROM instance WHERE iid=?1"
    case .instancesAfter: "SELECT \(Self.instanceColumns) FROM instance WHERE iid>?1 ORDER BY iid"
    case .openInstancesAfter:
      "SELECT \(Self.instanceColumns) FROM instance WHERE closed_at IS NULL AND iid>?1 ORDER BY iid"
    case .headersAfter: "SELECT \(Self.headerColumns) FROM instance WHERE iid>?1 ORDER BY iid"
    case .openHeadersAfter:
      "SELECT \(Self.headerColumns) FROM instance WHERE closed_at IS NULL AND iid>?1 ORDER BY iid"
    case .wakesAt: "SELECT wake_at, iid FROM instance WHERE wake_at=?1 AND iid>?2 ORDER BY iid LIMIT ?3"
    case .wakesAfter:
      "SELECT wake_at, iid FROM instance WHERE wake_at>?1 AND wake_at<=?2 ORDER BY wake_at, iid LIMIT ?3"
    case .key: "SELECT iid FROM instance_key WHERE hash=?1"
    case .insertKey: "INSERT INTO instance_key(hash,iid) VALUES(?1,?2)"
    case .replaceKey:
      "INSERT INTO instance_key(hash,iid) VALUES(?1,?2) ON CONFLICT(hash) DO UPDATE SET iid=excluded.iid, shard=NULL"
    case .removeKey: "DELETE FROM instance_key WHERE hash=?1"
    case .seen: "SELECT body FROM instance_seen WHERE iid=?1 AND id=?2"
    case .insertSeen:
      "INSERT INTO instance_seen(iid,id,body) VALUES(?1,?2,?3) ON CONFLICT(iid,id) DO UPDATE SET body=excluded.body"
    case .parkedByKey: "SELECT hash, id, seq, expires_at FROM parked WHERE hash=?1 ORDER BY seq, id"
    case .upsertParked:
      """
      INSERT INTO parked(hash,id,seq,expires_at) VALUES(?1,?2,?3,?4)
      ON CONFLICT(hash,id) DO UPDATE SET seq=excluded.seq, expires_at=excluded.expires_at
      """
    case .removeParked: "DELETE FROM parked WHERE hash=?1 AND id=?2"
    case .parkedPage:
      """
      SELECT hash, id, seq, expires_at FROM parked
      WHERE expires_at>=?1 AND expires_at<=?5 AND (expires_at,seq,hash,id)>(?1,?2,?3,?4)
      ORDER BY expires_at, seq, hash, id LIMIT ?6
      """
    case .deadLetter: "SELECT seq, fingerprint, resolved_seq, resolution FROM dead_letter WHERE fingerprint=?1"
    case .upsertDeadLetter:
      """
      INSERT INTO dead_letter(seq,fingerprint,resolved_seq,resolution) VALUES(?1,?2,?3,?4)
      ON CONFLICT(seq) DO UPDATE SET fingerprint=excluded.fingerprint, resolved_seq=excluded.resolved_seq,
       resolution=excluded.resolution
      """
    case .removeDeadLetter: "DELETE FROM dead_letter WHERE seq=?1"
    case .deadLettersAfter:
      "SELECT seq, fingerprint, resolved_seq, resolution FROM dead_letter WHERE seq>?1 ORDER BY seq LIMIT ?2"
    case .unresolvedDeadLettersAfter:
      """
      SELECT seq, fingerprint, resolved_seq, resolution FROM dead_letter
      WHERE seq>?1 AND resolved_seq IS NULL ORDER BY seq LIMIT ?2
      """
    case .held: "SELECT \(Self.heldColumns) FROM held ORDER BY lane, seq, effect"
    case .upsertHeld:
      """
      INSERT INTO held(lane,seq,effect,ordering,attempts,next_at,reason) VALUES(?1,?2,?3,?4,?5,?6,?7)
      ON CONFLICT(lane,seq,effect) DO UPDATE SET ordering=excluded.ordering, attempts=excluded.attempts,
       next_at=excluded.next_at, reason=excluded.reason
      """
    case .removeHeld: "DELETE FROM held WHERE lane=?1 AND seq=?2 AND effect=?3"
    case .heldAfter:
      """
      SELECT \(Self.heldColumns) FROM held WHERE (lane,seq,effect)>(?1,?2,?3)
      ORDER BY lane, seq, effect LIMIT ?4
      """
    case .heldOfLane:
      """
      SELECT \(Self.heldColumns) FROM held WHERE lane=?1 AND (seq,effect)>(?2,?3)
      ORDER BY lane, seq, effect LIMIT ?4
      """
    case .sweepable:
      """
      SELECT j.seq, j.at, j.iid, i.closed_at, i.seq, i.iid IS NOT NULL,
       EXISTS(SELECT 1 FROM parked p WHERE p.seq=j.seq) OR EXISTS(SELECT 1 FROM held h WHERE h.seq=j.seq)
       OR EXISTS(SELECT 1 FROM dead_letter d WHERE d.seq=j.seq AND d.resolved_seq IS NULL)
      FROM journal j LEFT JOIN instance i ON i.iid=j.iid
      WHERE j.seq>?1 AND j.seq<=?2 ORDER BY j.seq LIMIT ?3
      """
    case .deleteRow: "DELETE FROM journal WHERE seq=?1"
    case .forgetState: "UPDATE instance SET state=NULL WHERE iid=?1 AND closed_at IS NOT NULL"
    case .keysWithInstance:
      """
      SELECT k.hash, i.iid IS NULL OR (i.state IS NULL AND i.closed_at<?2)
      FROM instance_key k LEFT JOIN instance i ON i.iid=k.iid WHERE k.hash>?1 ORDER BY k.hash LIMIT ?3
      """
    case .forgettable:
      """
      SELECT iid, closed_at, state IS NULL FROM instance
      WHERE closed_at>=?1 AND closed_at<?3 AND (closed_at,iid)>(?1,?2) ORDER BY closed_at, iid LIMIT ?4
      """
    case .deleteInstance: "DELETE FROM instance WHERE iid=?1"
    case .deleteSeen: "DELETE FROM instance_seen WHERE iid=?1"
    case .consumed: "SELECT at, body, result FROM consumed WHERE consumer=?1 AND id=?2"
    case .upsertConsumed:
      """
      INSERT INTO consumed(consumer,id,at,body,result) VALUES(?1,?2,?3,?4,?5)
      ON CONFLICT(consumer,id) DO UPDATE SET at=excluded.at, body=excluded.body, result=excluded.result
      """
    case .anyInherited: "SELECT 1 FROM consumed WHERE \(Self.isInherited) LIMIT 1"
    case .inherited: "SELECT body FROM consumed WHERE consumer=?1 AND id=?2"
    case .inherit:
      """
      INSERT INTO consumed(consumer,id,at,body) VALUES(?1,?2,?3,?4)
      ON CONFLICT(consumer,id) DO UPDATE SET at=max(at,excluded.at)
      """
    case .inheritSpilled:
      """
      INSERT INTO consumed(consumer,id,at,body) SELECT ?1, id, ?3, body FROM instance_seen WHERE iid=?2
      ON CONFLICT(consumer,id) DO UPDATE SET at=max(at,excluded.at)
      """
    case .consumedAfter:
      "SELECT consumer, id, at, body FROM consumed WHERE (consumer,id)>(?1,?2) ORDER BY consumer, id LIMIT ?3"
    case .deleteConsumed: "DELETE FROM consumed WHERE consumer=?1 AND id=?2"
    }
  }

  private static let ownNames = (Schema.tables.sorted() + ["saga_schema"]).map { "'\($0)'" }.joined(separator: ",")
  static let rowColumns =
    "seq, at, kind, slot, iid, revision, previous_seq, input_seq, input, decided, outgoing, marks"
  static let instanceColumns =
    "iid, machine, uid, key, seq, revision, status, paused, wake_at, closed_at, state, seen"
  static let headerColumns = "iid, machine, status, key, paused, wake_at"
  static let isInherited =
    "consumer>='\(InheritedConsumer.prefix)' AND consumer<'\(InheritedConsumer.end)'"
  static let heldColumns = "lane, seq, effect, ordering, attempts, next_at, reason"
}
