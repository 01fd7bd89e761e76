-- What sets mean to one another, said once.

-- Whether everything of a policy type was captured, by the type's entry in a set's manifest; `isCapturedWhole` of
-- lib/backups/captured-whole.ts is the same, and a test holds the two together.
CREATE FUNCTION captured_whole(type jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE
  RETURN coalesce(
    type -> 'skipped' = 'false' AND type -> 'listed' = 'true' AND type -> 'error_code' = 'null'
    AND type -> 'failed' = '0' AND type -> 'missing' = '[]'
    AND (type ->> 'captured')::integer + (type ->> 'gone')::integer = (type ->> 'expected')::integer, false);

-- The predecessor of a set: the newest kept set of the same schedule that is older. It is what a set is compared with.
CREATE FUNCTION predecessor_of_set(schedule integer, set_id integer) RETURNS integer LANGUAGE sql STABLE
  RETURN (SELECT b.id FROM backup_sets b
          WHERE b.backup_schedule_id = schedule AND b.id < set_id AND b.deleted_at IS NULL
          ORDER BY b.id DESC LIMIT 1);
