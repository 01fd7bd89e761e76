-- contract: only workers write to item_volatiles, and they are stopped before, as the changelog says; web of before reads on
-- A night takes less on disk: what moved beside policies lies together, and JSON that says the same again and again is
-- written in short. What is stored already stays as it is, and reads as before.

-- 1. JSON in short ------------------------------------------------------------------------------------------
-- In place of an object stands its text as a JSON string, in which a control character stands for each of these phrases:
-- JSON text itself has none. The list never changes: what is stored is read with it.
CREATE FUNCTION json_phrases() RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN ARRAY[
  '{"lastModifiedDateTime": "', '"lastModifiedDateTime": "', '{"captured": ', ', "announced": null}', '"assignments": ',
  ', "announced": ', '"settings": ', '"scheduledActionsForRule": ', '{"version": ', '{"modifiedDateTime": "',
  'lastModifiedDateTime": "', 'DateTime": "', 'Z"}', 'Z", "', '{"isAssigned": true, "uploadState": ', 'AppCount": ',
  '"categories', 'definitionValues/', 'presentationValues/', ', "highestAvailableVersion": null}',
  '{"newUpdates": ', '"deviceReporting": ', '"inventorySyncStatus": {"driverInventorySyncState": "success", ',
  '"localizedNotificationMessages', '"items', '": ', ', "', '{"'];

-- Anything but an object, and what would not become shorter, stays as it is.
CREATE FUNCTION short_json(whole jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  phrases CONSTANT text[] := json_phrases();
  said text := whole::text;
BEGIN
  IF jsonb_typeof(whole) IS DISTINCT FROM 'object' OR whole = '{}' THEN RETURN whole; END IF;
  FOR place IN 1..cardinality(phrases) LOOP
    said := replace(said, phrases[place], chr(place));
  END LOOP;
  RETURN CASE WHEN pg_column_size(to_jsonb(said)) < pg_column_size(whole) THEN to_jsonb(said) ELSE whole END;
END $$;

-- Null where it is damaged: verification says so by the seal, and nobody else fails over it.
CREATE FUNCTION long_json(short jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  phrases CONSTANT text[] := json_phrases();
  said text := short #>> '{}';
BEGIN
  IF jsonb_typeof(short) IS DISTINCT FROM 'string' THEN RETURN short; END IF;
  FOR place IN REVERSE cardinality(phrases)..1 LOOP
    said := replace(said, chr(place), phrases[place]);
  END LOOP;
  RETURN CASE WHEN said IS JSON OBJECT THEN said::jsonb END;
END $$;

CREATE OR REPLACE FUNCTION seal_range() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- One that comes with a seal, out of a backup or damaged before it was converted, stays as it was sealed.
  IF NEW.seal IS NULL THEN
    NEW.volatile := short_json(NEW.volatile);
    NEW.children := short_json(NEW.children);
    NEW.seal := item_range_seal(NEW);
  END IF;
  NEW.end_seal := item_range_end_seal(NEW);
  RETURN NEW;
END $$;

-- 2. What moved beside policies, together -------------------------------------------------------------------
-- A row holds the volatile fields that moved with a set, of the ranges with 512 ids in a row (`shelf`, the id divided by 512;
-- `places`, the remainders): a row each took three times as much. An object holds the fields that differ from those that the
-- range began with; one in an array, all of them.
CREATE TABLE "moved_volatiles" (
    "tenant_id" INTEGER NOT NULL,
    "backup_schedule_id" INTEGER NOT NULL,
    "shelf" BIGINT NOT NULL,
    "from_set_id" INTEGER NOT NULL,
    "places" SMALLINT[],
    "volatiles" JSONB NOT NULL,
    "checks" INTEGER[],
    "seal" BYTEA NOT NULL,

    CONSTRAINT "moved_volatiles_pkey" PRIMARY KEY ("tenant_id", "backup_schedule_id", "shelf", "from_set_id")
);
ALTER TABLE "moved_volatiles" ADD CONSTRAINT "moved_volatiles_tenant_id_backup_schedule_id_fkey"
  FOREIGN KEY ("tenant_id", "backup_schedule_id") REFERENCES "backup_schedules"("tenant_id", "id")
  ON DELETE NO ACTION ON UPDATE CASCADE;

-- Which items' fields moved with a set: when such a row is lost, it says whose fields are missing.
ALTER TABLE "backup_sets" ADD COLUMN "moved_items" BIGINT[];

CREATE OR REPLACE FUNCTION backup_set_seal(made backup_sets) RETURNS bytea LANGUAGE sql STABLE
  RETURN sha256(convert_to((jsonb_build_array(made.id, made.tenant_id, made.backup_schedule_id, made.run_id, made.status,
    made.item_count, made.bytes_logical, made.bytes_stored, made.manifest, made.manifest_sha256, made.item_parity,
    (extract(epoch FROM made.created_at) * 1000)::bigint)
    || CASE WHEN made.names_sha256 IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(made.names_sha256) END
    || CASE WHEN made.volatile_parity IS NULL THEN '[]'::jsonb
            ELSE jsonb_build_array(jsonb_build_object('volatile', made.volatile_parity)) END
    || CASE WHEN made.moved_items IS NULL THEN '[]'::jsonb
            ELSE jsonb_build_array(jsonb_build_object('moved', made.moved_items)) END)::text, 'UTF8'));

-- 3. Seals --------------------------------------------------------------------------------------------------
-- Of each range's fields, to tell which of a row were changed. The seal finds what 32 bits would miss, once in four billion.
CREATE FUNCTION moved_volatile_check(range_id bigint, from_set_id integer, volatile jsonb) RETURNS integer LANGUAGE sql IMMUTABLE
  RETURN ('x' || left(md5(range_id || ' ' || from_set_id || ' ' || volatile::text), 8))::bit(32)::integer;
CREATE FUNCTION moved_volatiles_seal(moved moved_volatiles) RETURNS bytea LANGUAGE sql STABLE
  RETURN substr(sha256(convert_to(jsonb_build_array(moved.tenant_id, moved.backup_schedule_id, moved.shelf, moved.from_set_id,
    moved.places, moved.volatiles, moved.checks)::text, 'UTF8')), 1, 16);

CREATE FUNCTION seal_moved_volatiles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.seal IS NULL THEN
    NEW.checks := ARRAY(
      SELECT moved_volatile_check(NEW.shelf * 512 + m.place, NEW.from_set_id, m.volatile)
      FROM ROWS FROM (unnest(NEW.places), jsonb_array_elements(NEW.volatiles)) WITH ORDINALITY AS m(place, volatile, n) ORDER BY m.n);
    NEW.seal := moved_volatiles_seal(NEW);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER sealed BEFORE INSERT ON moved_volatiles FOR EACH ROW EXECUTE FUNCTION seal_moved_volatiles();
CREATE TRIGGER immutable BEFORE UPDATE ON moved_volatiles FOR EACH ROW EXECUTE FUNCTION refuse_update();
CREATE TRIGGER kept BEFORE DELETE ON moved_volatiles FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON moved_volatiles FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();

CREATE FUNCTION refuse_late_moved_volatiles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM backup_sets b
             WHERE b.backup_schedule_id = NEW.backup_schedule_id AND b.id >= NEW.from_set_id) THEN
    RAISE EXCEPTION 'backup set % or a later one is immutable: no fields can be added', NEW.from_set_id
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER added_in_time BEFORE INSERT ON moved_volatiles FOR EACH ROW EXECUTE FUNCTION refuse_late_moved_volatiles();

-- 4. Reading ------------------------------------------------------------------------------------------------
-- What a row holds, range by range. Where its seal does not fit, those are damaged whose check does not either; all are, when
-- every check fits.
CREATE FUNCTION moved_volatile_entries(moved moved_volatiles)
  RETURNS TABLE (range_id bigint, is_sealed boolean) LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT moved.shelf * 512 + e.place, e.is_right AND (s.is_sealed OR NOT bool_and(e.is_right) OVER ())
  FROM (SELECT coalesce(moved.seal = moved_volatiles_seal(moved), false) AS is_sealed OFFSET 0) s, (
    SELECT u.place, coalesce(u.kept = moved_volatile_check(moved.shelf * 512 + u.place, moved.from_set_id, u.volatile), false)
             AS is_right
    FROM ROWS FROM (unnest(moved.places), unnest(moved.checks),
      jsonb_array_elements(CASE jsonb_typeof(moved.volatiles) WHEN 'array' THEN moved.volatiles ELSE '[]' END))
      AS u(place, kept, volatile)
    WHERE u.place IS NOT NULL) e;
END;

-- All volatile fields that moved, whether they are written together or, as before, in a row each.
CREATE VIEW volatile_entries WITH (security_invoker = true) AS
  SELECT v.tenant_id, r.backup_schedule_id, v.range_id, v.from_set_id,
         coalesce(v.seal = item_volatile_seal(v), false) AS is_sealed
  FROM item_volatiles v JOIN item_ranges r ON r.tenant_id = v.tenant_id AND r.id = v.range_id
  UNION ALL
  SELECT m.tenant_id, m.backup_schedule_id, e.range_id, m.from_set_id, e.is_sealed
  FROM moved_volatiles m CROSS JOIN LATERAL moved_volatile_entries(m) e;
GRANT SELECT ON volatile_entries TO tenantpilot_app, tenantpilot_retention;

-- The fields that a range has in a set, if they moved since it began.
CREATE FUNCTION volatile_of(item item_ranges, set_id integer)
  RETURNS TABLE (volatile jsonb, is_sealed boolean) LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT CASE WHEN n.is_part THEN long_json(item.volatile) || n.volatile ELSE n.volatile END, n.is_sealed
  FROM (
    (SELECT v.from_set_id, v.volatile, v.is_part, coalesce(v.seal = item_volatile_seal(v), false) AS is_sealed
     FROM item_volatiles v
     WHERE v.tenant_id = item.tenant_id AND v.range_id = item.id AND v.from_set_id <= set_id
     ORDER BY v.from_set_id DESC LIMIT 1)
    UNION ALL
    (SELECT m.from_set_id, CASE jsonb_typeof(m.field) WHEN 'array' THEN m.field -> 0 ELSE m.field END,
            jsonb_typeof(m.field) IS DISTINCT FROM 'array',
            coalesce(m.kept = moved_volatile_check(item.id, m.from_set_id, m.field), false)
     FROM (SELECT w.from_set_id, w.volatiles -> (array_position(w.places, (item.id % 512)::smallint) - 1) AS field,
                  w.checks[array_position(w.places, (item.id % 512)::smallint)] AS kept
           FROM moved_volatiles w
           WHERE w.tenant_id = item.tenant_id AND w.backup_schedule_id = item.backup_schedule_id AND w.shelf = item.id / 512
             AND w.from_set_id <= set_id AND (item.id % 512)::smallint = ANY (w.places)
           ORDER BY w.from_set_id DESC LIMIT 1) m)) n
  ORDER BY n.from_set_id DESC LIMIT 1;
END;

CREATE OR REPLACE VIEW backup_items WITH (security_invoker = true) AS
  SELECT r.id, r.tenant_id, s.id AS backup_set_id, r.kind, r.policy_type, r.graph_id, r.display_name, r.sha256,
         coalesce((SELECT v.volatile FROM volatile_of(r, s.id) v), long_json(r.volatile), '{}') AS volatile,
         coalesce(long_json(r.children), '{}') AS children, r.notes, r.seal
  FROM backup_sets s
  JOIN item_ranges r
    ON r.backup_schedule_id = s.backup_schedule_id AND r.until_set_id > s.id AND r.from_set_id <= s.id;

-- 5. Who may ------------------------------------------------------------------------------------------------
GRANT SELECT, INSERT ON moved_volatiles TO tenantpilot_app;
GRANT SELECT, DELETE ON moved_volatiles TO tenantpilot_retention, tenantpilot_eraser;
GRANT SELECT ON moved_volatiles TO tenantpilot_backup;
-- From now on they are written together.
REVOKE INSERT ON item_volatiles FROM tenantpilot_app;
ALTER TABLE moved_volatiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE moved_volatiles FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON moved_volatiles TO tenantpilot_app, tenantpilot_retention
  USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id());
CREATE POLICY erase ON moved_volatiles TO tenantpilot_eraser
  USING (EXISTS (SELECT FROM tenants t WHERE t.id = tenant_id AND t.deleted_at IS NOT NULL));
CREATE POLICY backup ON moved_volatiles FOR SELECT TO tenantpilot_backup USING (true);

-- 6. Deleting a tenant --------------------------------------------------------------------------------------
-- As in migration "item_ranges", with the new table.
GRANT tenantpilot_eraser TO CURRENT_USER WITH INHERIT TRUE;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON SCHEMA %I TO tenantpilot_eraser', current_schema()); END $$;
CREATE OR REPLACE FUNCTION erase_tenant(tenant integer, most integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  -- Each before what it refers to. Runs and sets refer to each other: see below.
  dependents CONSTANT text[] := ARRAY['notifications', 'idempotency_keys', 'staged_items', 'staged_seen', 'policy_changes',
    'policy_change_looks', 'rereadings', 'damaged_snapshots', 'item_volatiles', 'moved_volatiles',
    'item_ranges'];
  rest CONSTANT text[] := ARRAY['backup_sets', 'snapshots', 'backup_schedule_runs', 'run_counts', 'backup_schedules'];
  table_name text;
  removed integer;
BEGIN
  PERFORM FROM tenants WHERE id = tenant AND deleted_at IS NOT NULL;
  IF NOT FOUND THEN RETURN 0; END IF;
  IF EXISTS (SELECT FROM backup_schedule_runs WHERE tenant_id = tenant AND status = 'running') THEN RETURN NULL; END IF;

  FOREACH table_name IN ARRAY ARRAY['memberships', 'invitations', 'api_tokens', 'connections'] LOOP
    EXECUTE format('DELETE FROM %I WHERE tenant_id = $1', table_name) USING tenant;
  END LOOP;
  FOREACH table_name IN ARRAY dependents LOOP
    EXECUTE format(
      'DELETE FROM %1$I WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$I WHERE tenant_id = $1 LIMIT $2))', table_name)
      USING tenant, most;
    GET DIAGNOSTICS removed = ROW_COUNT;
    IF removed > 0 THEN RETURN removed; END IF;
  END LOOP;
  UPDATE backup_schedule_runs SET backup_set_id = NULL WHERE id = ANY (ARRAY(
    SELECT id FROM backup_schedule_runs WHERE tenant_id = tenant AND backup_set_id IS NOT NULL LIMIT most));
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed > 0 THEN RETURN removed; END IF;
  FOREACH table_name IN ARRAY rest LOOP
    -- A run is repeated by later ones: these go first.
    EXECUTE format(
      'DELETE FROM %1$I WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$I WHERE tenant_id = $1 %2$s LIMIT $2))', table_name,
      CASE WHEN table_name = 'backup_schedule_runs' THEN 'ORDER BY id DESC' ELSE '' END)
      USING tenant, most;
    GET DIAGNOSTICS removed = ROW_COUNT;
    IF removed > 0 THEN RETURN removed; END IF;
  END LOOP;
  DELETE FROM audit_chain WHERE chain = tenant AND sequence = ANY (ARRAY(
    SELECT sequence FROM audit_chain WHERE chain = tenant ORDER BY sequence LIMIT most));
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed > 0 THEN RETURN removed; END IF;
  DELETE FROM audit_log WHERE id = ANY (ARRAY(SELECT id FROM audit_log WHERE tenant_id = tenant LIMIT most));
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed > 0 THEN RETURN removed; END IF;
  DELETE FROM audit_chains WHERE chain = tenant;
  DELETE FROM security_windows WHERE about -> 'in' ->> 'tenant' = tenant::text;
  DELETE FROM tenants WHERE id = tenant;
  RETURN 0;
END $$;
DO $$ BEGIN EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM tenantpilot_eraser', current_schema()); END $$;
REVOKE tenantpilot_eraser FROM CURRENT_USER;

-- 7. An index -----------------------------------------------------------------------------------------------
-- It is asked for one hash at a time, and grows evenly: it needs no room left in its pages.
DROP INDEX "item_ranges_sha256_idx";
CREATE INDEX "item_ranges_sha256_idx" ON "item_ranges" USING hash ("sha256") WITH (fillfactor = 100);
