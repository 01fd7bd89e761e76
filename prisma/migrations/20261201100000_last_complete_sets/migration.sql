-- When a schedule's newest complete set was made that is not in the bin: what says whether it breaks its promise. The portfolio of
-- somebody with hundreds of tenants asks it of every schedule on every visit; to find it among the sets took two fifths of the time.
--
-- It is kept with the schedule, whose row the end of a run holds and writes anyway, and stands in no index: so that a set costs one
-- more version of that row, and no entry in any index.
ALTER TABLE "backup_schedules" ADD COLUMN "last_complete_at" TIMESTAMPTZ(3);

-- Retention moves sets to the bin.
GRANT UPDATE (last_complete_at) ON backup_schedules TO tenantpilot_retention;

-- Sets that are made: of many at once, each schedule is written once. It only ever rises here, whatever others do meanwhile.
CREATE FUNCTION note_complete_sets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE backup_schedules s SET last_complete_at = n.at
  FROM (SELECT backup_schedule_id, max(created_at) AS at FROM made WHERE status = 'success' AND deleted_at IS NULL
        GROUP BY backup_schedule_id) n
  WHERE s.id = n.backup_schedule_id AND (s.last_complete_at IS NULL OR s.last_complete_at < n.at);
  RETURN NULL;
END $$;

-- A set that comes out of the bin, goes there, or is removed.
CREATE FUNCTION note_set_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kept timestamptz;
  newest timestamptz;
BEGIN
  -- With the sets their schedule goes.
  IF current_user = 'tenantpilot_eraser' THEN RETURN NULL; END IF;
  IF TG_OP = 'UPDATE' AND NEW.status = 'success' AND NEW.deleted_at IS NULL THEN
    UPDATE backup_schedules SET last_complete_at = NEW.created_at
    WHERE id = NEW.backup_schedule_id AND (last_complete_at IS NULL OR last_complete_at < NEW.created_at);
  END IF;
  IF OLD.status <> 'success' OR OLD.deleted_at IS NOT NULL THEN RETURN NULL; END IF;
  -- Most that go are older than the newest: then nothing is locked. Retention holds sets, and who ends a run holds the schedule;
  -- they must not wait for each other.
  SELECT last_complete_at INTO kept FROM backup_schedules WHERE id = OLD.backup_schedule_id;
  IF kept IS NULL OR OLD.created_at < kept THEN RETURN NULL; END IF;
  -- Each of these sees what was committed while the one before it waited. The set that is the newest now is held until the end:
  -- who moves it to the bin at the same time has done so before this one reads it, or finds what this one writes.
  PERFORM FROM backup_schedules WHERE id = OLD.backup_schedule_id FOR NO KEY UPDATE;
  SELECT created_at INTO newest FROM backup_sets
  WHERE backup_schedule_id = OLD.backup_schedule_id AND status = 'success' AND deleted_at IS NULL
  ORDER BY created_at DESC LIMIT 1 FOR SHARE;
  UPDATE backup_schedules SET last_complete_at = newest
  WHERE id = OLD.backup_schedule_id AND last_complete_at IS DISTINCT FROM newest;
  RETURN NULL;
END $$;

CREATE TRIGGER complete_made AFTER INSERT ON backup_sets REFERENCING NEW TABLE AS made
  FOR EACH STATEMENT EXECUTE FUNCTION note_complete_sets();
-- A set that is pinned or verified, and one that is purged out of the bin, costs no more than a look at these conditions.
CREATE TRIGGER complete_changed AFTER UPDATE ON backup_sets FOR EACH ROW
  WHEN ((OLD.status, OLD.deleted_at IS NULL, OLD.created_at) IS DISTINCT FROM
        (NEW.status, NEW.deleted_at IS NULL, NEW.created_at))
  EXECUTE FUNCTION note_set_change();
CREATE TRIGGER complete_gone AFTER DELETE ON backup_sets FOR EACH ROW
  WHEN (OLD.status = 'success' AND OLD.deleted_at IS NULL) EXECUTE FUNCTION note_set_change();
-- Also for who switches triggers off for a session: a wrong answer here would call a schedule protected that is not.
ALTER TABLE backup_sets ENABLE ALWAYS TRIGGER complete_made, ENABLE ALWAYS TRIGGER complete_changed,
  ENABLE ALWAYS TRIGGER complete_gone;

-- The sets that are there already: only so does the owner see them. Nobody makes or bins one from here on until all is so.
ALTER TABLE backup_schedules NO FORCE ROW LEVEL SECURITY;
ALTER TABLE backup_sets NO FORCE ROW LEVEL SECURITY;
UPDATE backup_schedules s SET last_complete_at = n.at
FROM (SELECT backup_schedule_id, max(created_at) AS at FROM backup_sets WHERE status = 'success' AND deleted_at IS NULL
      GROUP BY backup_schedule_id) n
WHERE s.id = n.backup_schedule_id;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE backup_sets FORCE ROW LEVEL SECURITY;
ALTER TABLE backup_schedules FORCE ROW LEVEL SECURITY;
