-- A set's items, held as ranges: one row says from which set of the schedule to which a policy was the same. A night writes
-- what changed, and nothing for what stayed. What is there already is converted by `npm run migrate` between this migration
-- and the next one (prisma/convert-items.ts): a schedule at a time, so that it may be interrupted.

-- 1. Tables -------------------------------------------------------------------------------------------------
-- A set of the schedule holds the item from `from_set_id` on, until (and without) `until_set_id`: the set whose run found it
-- changed or gone. The largest integer stands there while that is open: so one comparison decides, and one index finds.
-- No foreign key to sets: they are purged, and the numbers stay.
CREATE TABLE "item_ranges" (
    "tenant_id" INTEGER NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "backup_schedule_id" INTEGER NOT NULL,
    "from_set_id" INTEGER NOT NULL,
    "until_set_id" INTEGER NOT NULL DEFAULT 2147483647,
    "kind" "item_kind" NOT NULL,
    "policy_type" TEXT NOT NULL,
    "graph_id" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "sha256" CHAR(64) NOT NULL,
    "volatile" JSONB NOT NULL DEFAULT '{}',
    "children" JSONB NOT NULL DEFAULT '{}',
    "notes" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "seal" BYTEA NOT NULL,
    "end_seal" BYTEA,

    CONSTRAINT "item_ranges_pkey" PRIMARY KEY ("tenant_id", "id")
);
ALTER TABLE item_ranges ADD CONSTRAINT ends_after_it_begins CHECK (until_set_id > from_set_id);

-- Volatile fields move without the policy changing, some every night: what they became, from a set on. A range's own are
-- those that it began with.
CREATE TABLE "item_volatiles" (
    "tenant_id" INTEGER NOT NULL,
    "range_id" BIGINT NOT NULL,
    "from_set_id" INTEGER NOT NULL,
    "volatile" JSONB NOT NULL,
    "seal" BYTEA NOT NULL,

    CONSTRAINT "item_volatiles_pkey" PRIMARY KEY ("tenant_id", "range_id", "from_set_id")
);

-- What an attempt found as its schedule has it already, a row a batch. `states` are digests of what the list said about
-- each; `refs` what the batch refers to that no batch of the attempt before it did.
CREATE TABLE "staged_seen" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "run_id" INTEGER NOT NULL,
    "attempt" INTEGER NOT NULL,
    "range_ids" BIGINT[],
    "states" BIGINT[],
    "refs" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "staged_seen_pkey" PRIMARY KEY ("id")
);

-- XOR over what tells the rows of item_volatiles apart that hold for the set's items; null when there are none. It finds out
-- when one of them is lost.
ALTER TABLE "backup_sets" ADD COLUMN "volatile_parity" CHAR(16);

-- The first column of each index is what row-level security asks for.
CREATE UNIQUE INDEX "item_ranges_of_policies_key"
  ON "item_ranges"("tenant_id", "policy_type", "graph_id", "backup_schedule_id", "until_set_id");
CREATE INDEX "item_ranges_tenant_id_sha256_idx" ON "item_ranges"("tenant_id", "sha256");
-- The items of a set. That of a recent one are nearly all open; further back it passes over what ended since.
CREATE INDEX "item_ranges_backup_schedule_id_until_set_id_from_set_id_idx"
  ON "item_ranges"("backup_schedule_id", "until_set_id", "from_set_id");
CREATE INDEX "staged_seen_run_id_idx" ON "staged_seen"("run_id");

ALTER TABLE "item_ranges" ADD CONSTRAINT "item_ranges_tenant_id_fkey" FOREIGN KEY ("tenant_id")
  REFERENCES "tenants"("id") ON DELETE NO ACTION ON UPDATE CASCADE;
ALTER TABLE "item_ranges" ADD CONSTRAINT "item_ranges_tenant_id_backup_schedule_id_fkey"
  FOREIGN KEY ("tenant_id", "backup_schedule_id") REFERENCES "backup_schedules"("tenant_id", "id")
  ON DELETE NO ACTION ON UPDATE CASCADE;
ALTER TABLE "item_volatiles" ADD CONSTRAINT "item_volatiles_tenant_id_range_id_fkey"
  FOREIGN KEY ("tenant_id", "range_id") REFERENCES "item_ranges"("tenant_id", "id")
  ON DELETE NO ACTION ON UPDATE CASCADE;
ALTER TABLE "staged_seen" ADD CONSTRAINT "staged_seen_tenant_id_run_id_fkey"
  FOREIGN KEY ("tenant_id", "run_id") REFERENCES "backup_schedule_runs"("tenant_id", "id")
  ON DELETE NO ACTION ON UPDATE CASCADE;

-- 2. Seals --------------------------------------------------------------------------------------------------
-- As before (migration "retention_rules"): a hash over every column that never changes, and one over the end, which is
-- written once. The first half of SHA-256 finds damage as surely.
CREATE FUNCTION item_range_seal(item item_ranges) RETURNS bytea LANGUAGE sql STABLE
  RETURN substr(sha256(convert_to(jsonb_build_array(item.id, item.tenant_id, item.backup_schedule_id, item.from_set_id,
    item.kind, item.policy_type, item.graph_id, item.display_name, item.sha256, item.volatile, item.children,
    item.notes)::text, 'UTF8')), 1, 16);
-- Null while it is open.
CREATE FUNCTION item_range_end_seal(item item_ranges) RETURNS bytea LANGUAGE sql STABLE
  RETURN CASE WHEN item.until_set_id < 2147483647 THEN
    substr(sha256(convert_to(jsonb_build_array(item.id, item.until_set_id)::text, 'UTF8')), 1, 16) END;
CREATE FUNCTION item_volatile_seal(item item_volatiles) RETURNS bytea LANGUAGE sql STABLE
  RETURN substr(sha256(convert_to(jsonb_build_array(item.tenant_id, item.range_id, item.from_set_id,
    item.volatile)::text, 'UTF8')), 1, 16);
-- What tells a row of item_volatiles apart, for the parity of the sets.
CREATE FUNCTION volatile_key(range_id bigint, from_set_id integer) RETURNS bigint LANGUAGE sql IMMUTABLE
  RETURN ('x' || left(md5(range_id || ' ' || from_set_id), 16))::bit(64)::bigint;

CREATE FUNCTION seal_range() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- One that was damaged before it was converted brings a seal that does not fit: it stays damaged.
  NEW.seal := coalesce(NEW.seal, item_range_seal(NEW));
  NEW.end_seal := item_range_end_seal(NEW);
  RETURN NEW;
END $$;
CREATE TRIGGER sealed BEFORE INSERT ON item_ranges FOR EACH ROW EXECUTE FUNCTION seal_range();

CREATE FUNCTION seal_volatile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.seal := item_volatile_seal(NEW);
  RETURN NEW;
END $$;
CREATE TRIGGER sealed BEFORE INSERT ON item_volatiles FOR EACH ROW EXECUTE FUNCTION seal_volatile();

CREATE OR REPLACE FUNCTION backup_set_seal(made backup_sets) RETURNS bytea LANGUAGE sql STABLE
  RETURN sha256(convert_to((jsonb_build_array(made.id, made.tenant_id, made.backup_schedule_id, made.run_id, made.status,
    made.item_count, made.bytes_logical, made.bytes_stored, made.manifest, made.manifest_sha256, made.item_parity,
    (extract(epoch FROM made.created_at) * 1000)::bigint)
    || CASE WHEN made.names_sha256 IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(made.names_sha256) END
    || CASE WHEN made.volatile_parity IS NULL THEN '[]'::jsonb
            ELSE jsonb_build_array(jsonb_build_object('volatile', made.volatile_parity)) END)::text, 'UTF8'));

-- 3. Immutability -------------------------------------------------------------------------------------------
-- A range changes once: it ends, and no set that is there already loses anything by that. This binds everyone, superusers
-- included.
CREATE FUNCTION refuse_range_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  ending CONSTANT text[] := ARRAY['until_set_id', 'end_seal'];
BEGIN
  IF to_jsonb(OLD) - ending IS DISTINCT FROM to_jsonb(NEW) - ending OR OLD.until_set_id < 2147483647
     OR EXISTS (SELECT FROM backup_sets b
                WHERE b.backup_schedule_id = NEW.backup_schedule_id AND b.id >= NEW.until_set_id) THEN
    RAISE EXCEPTION 'item_ranges is immutable: it may only end, once, before any set that comes later'
      USING ERRCODE = 'restrict_violation';
  END IF;
  NEW.end_seal := item_range_end_seal(NEW);
  RETURN NEW;
END $$;
CREATE TRIGGER immutable BEFORE UPDATE ON item_ranges FOR EACH ROW EXECUTE FUNCTION refuse_range_change();
CREATE TRIGGER immutable BEFORE UPDATE ON item_volatiles FOR EACH ROW EXECUTE FUNCTION refuse_update();

-- Retention removes what no set is left in.
CREATE FUNCTION refuse_range_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Row-level security shows the eraser nothing but tenants that are being deleted.
  IF current_user = 'tenantpilot_eraser'
     OR current_user = 'tenantpilot_retention' AND NOT EXISTS (
       SELECT FROM backup_sets b WHERE b.backup_schedule_id = OLD.backup_schedule_id
         AND b.id >= OLD.from_set_id AND b.id < OLD.until_set_id) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'item_ranges is kept: DELETE refused outside retention' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER kept BEFORE DELETE ON item_ranges FOR EACH ROW EXECUTE FUNCTION refuse_range_removal();
CREATE TRIGGER kept BEFORE DELETE ON item_volatiles FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON item_ranges FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON item_volatiles FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();

-- 4. Who may ------------------------------------------------------------------------------------------------
GRANT SELECT, INSERT, UPDATE (until_set_id, end_seal) ON item_ranges TO tenantpilot_app;
GRANT SELECT, INSERT ON item_volatiles TO tenantpilot_app;
GRANT SELECT, INSERT, DELETE ON staged_seen TO tenantpilot_app;
GRANT SELECT, DELETE ON item_ranges, item_volatiles TO tenantpilot_retention;
GRANT USAGE ON SEQUENCE item_ranges_id_seq, staged_seen_id_seq TO tenantpilot_app;

DO $$
DECLARE
  table_name text;
BEGIN
  FOREACH table_name IN ARRAY ARRAY['item_ranges', 'item_volatiles', 'staged_seen'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
    EXECUTE format(
      'CREATE POLICY tenant ON %I TO tenantpilot_app, tenantpilot_retention
         USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id())', table_name);
    EXECUTE format('GRANT SELECT, DELETE ON %I TO tenantpilot_eraser', table_name);
    EXECUTE format(
      'CREATE POLICY erase ON %I TO tenantpilot_eraser
         USING (EXISTS (SELECT FROM tenants t WHERE t.id = tenant_id AND t.deleted_at IS NOT NULL))', table_name);
  END LOOP;
  FOREACH table_name IN ARRAY ARRAY['item_ranges', 'item_volatiles'] LOOP
    EXECUTE format('GRANT SELECT ON %I TO tenantpilot_backup', table_name);
    EXECUTE format('CREATE POLICY backup ON %I FOR SELECT TO tenantpilot_backup USING (true)', table_name);
  END LOOP;
END $$;

-- 5. Deleting a tenant --------------------------------------------------------------------------------------
-- As in migration "tenant_life_cycle", with the new tables.
GRANT tenantpilot_eraser TO CURRENT_USER WITH INHERIT TRUE;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON SCHEMA %I TO tenantpilot_eraser', current_schema()); END $$;
CREATE OR REPLACE FUNCTION erase_tenant(tenant integer, most integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  -- Each before what it refers to. Runs and sets refer to each other: see below.
  dependents CONSTANT text[] := ARRAY['notifications', 'idempotency_keys', 'staged_items', 'staged_seen', 'policy_changes',
    'policy_change_looks', 'rereadings', 'damaged_snapshots', 'item_volatiles', 'item_ranges'];
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

-- 6. What is there already ----------------------------------------------------------------------------------
-- It waits under another name for its conversion, which the owner does: the triggers and row-level security, which bind the
-- owner too, let go of it. The roles of web and worker may read it, as before, and nothing else.
ALTER TABLE backup_items RENAME TO unconverted_items;
ALTER TABLE unconverted_items NO FORCE ROW LEVEL SECURITY;
DROP TRIGGER immutable ON unconverted_items;
DROP TRIGGER kept ON unconverted_items;
DROP TRIGGER kept_whole ON unconverted_items;
DROP TRIGGER sealed ON unconverted_items;
REVOKE INSERT ON unconverted_items FROM tenantpilot_app;
REVOKE DELETE ON unconverted_items FROM tenantpilot_retention;
-- A range keeps the id of the newest of the items that it is made of.
SELECT setval('item_ranges_id_seq', nextval('backup_items_id_seq'));

-- The items of each set, as they always were to be read.
CREATE VIEW backup_items WITH (security_invoker = true) AS
  SELECT r.id, r.tenant_id, s.id AS backup_set_id, r.kind, r.policy_type, r.graph_id, r.display_name, r.sha256,
         coalesce((SELECT v.volatile FROM item_volatiles v
                   WHERE v.tenant_id = r.tenant_id AND v.range_id = r.id AND v.from_set_id <= s.id
                   ORDER BY v.from_set_id DESC LIMIT 1), r.volatile) AS volatile,
         r.children, r.notes, r.seal
  FROM backup_sets s
  JOIN item_ranges r
    ON r.backup_schedule_id = s.backup_schedule_id AND r.until_set_id > s.id AND r.from_set_id <= s.id
  UNION ALL
  SELECT u.id, u.tenant_id, u.backup_set_id, u.kind, u.policy_type, u.graph_id, u.display_name, u.sha256, u.volatile,
         u.children, u.notes, u.seal
  FROM unconverted_items u;
GRANT SELECT ON backup_items TO tenantpilot_app, tenantpilot_retention;
