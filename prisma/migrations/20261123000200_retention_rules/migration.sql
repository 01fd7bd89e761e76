-- Retention beyond keep-last, and what verification needs to name every damaged row.

-- 1. Retention rules ----------------------------------------------------------------------------------------
-- Keep the newest set of each of the last N days, weeks, months and years that have one; 0 is off.
ALTER TABLE "backup_schedules"
  ADD COLUMN "retention_keep_daily" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "retention_keep_weekly" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "retention_keep_monthly" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "retention_keep_yearly" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "backup_schedules"
  ADD CONSTRAINT retention_periods_are_counted CHECK (
    retention_keep_daily >= 0 AND retention_keep_weekly >= 0 AND retention_keep_monthly >= 0
    AND retention_keep_yearly >= 0);

-- 2. Seals --------------------------------------------------------------------------------------------------
-- SHA-256 over every column of a row that must never change. The snapshot's bytes are proven by their own hash and
-- the set by its manifest; the seal also finds a flipped bit in a name, a note or a count, and says in which row.
-- It proves integrity against damage. Against someone who can rewrite the seal as well, keep exports elsewhere.
ALTER TABLE "backup_items" ADD COLUMN "seal" BYTEA;
ALTER TABLE "backup_sets" ADD COLUMN "seal" BYTEA;
-- Per policy type: XOR over the first 64 bits of its items' snapshot hashes. When one item's row is lost, it and the
-- rows that are left give the lost one's snapshot, and so its name.
ALTER TABLE "backup_sets" ADD COLUMN "item_parity" JSONB;

CREATE FUNCTION backup_item_seal(item backup_items) RETURNS bytea LANGUAGE sql STABLE
  RETURN sha256(convert_to(jsonb_build_array(item.id, item.tenant_id, item.backup_set_id, item.kind, item.policy_type,
    item.graph_id, item.display_name, item.sha256, item.volatile, item.children, item.notes)::text, 'UTF8'));

CREATE FUNCTION backup_set_seal(made backup_sets) RETURNS bytea LANGUAGE sql STABLE
  RETURN sha256(convert_to(jsonb_build_array(made.id, made.tenant_id, made.backup_schedule_id, made.run_id, made.status,
    made.item_count, made.bytes_logical, made.bytes_stored, made.manifest, made.manifest_sha256, made.item_parity,
    (extract(epoch FROM made.created_at) * 1000)::bigint)::text, 'UTF8'));

CREATE FUNCTION seal_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.seal := backup_item_seal(NEW);
  RETURN NEW;
END $$;

CREATE FUNCTION seal_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.seal := backup_set_seal(NEW);
  RETURN NEW;
END $$;

-- What is there already is sealed now. The triggers and row-level security bind the owner too: they rest meanwhile.
ALTER TABLE backup_items DISABLE TRIGGER immutable, NO FORCE ROW LEVEL SECURITY;
ALTER TABLE backup_sets DISABLE TRIGGER immutable, NO FORCE ROW LEVEL SECURITY;
UPDATE backup_items i SET seal = backup_item_seal(i);
WITH parities AS (
  SELECT backup_set_id, jsonb_object_agg(policy_type, parity) AS item_parity
  FROM (SELECT backup_set_id, policy_type,
               lpad(to_hex(bit_xor(('x' || left(sha256, 16))::bit(64)::bigint)), 16, '0') AS parity
        FROM backup_items GROUP BY backup_set_id, policy_type) p
  GROUP BY backup_set_id
)
UPDATE backup_sets b SET item_parity = parities.item_parity FROM parities WHERE parities.backup_set_id = b.id;
UPDATE backup_sets b SET seal = backup_set_seal(b);
-- Deferred checks of the updated rows would stand in the way of the next statements.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE backup_items ENABLE TRIGGER immutable, FORCE ROW LEVEL SECURITY, ALTER COLUMN seal SET NOT NULL;
ALTER TABLE backup_sets ENABLE TRIGGER immutable, FORCE ROW LEVEL SECURITY, ALTER COLUMN seal SET NOT NULL;

CREATE TRIGGER sealed BEFORE INSERT ON backup_items FOR EACH ROW EXECUTE FUNCTION seal_item();
CREATE TRIGGER sealed BEFORE INSERT ON backup_sets FOR EACH ROW EXECUTE FUNCTION seal_set();

-- 3. Indexes ------------------------------------------------------------------------------------------------
-- The bin: what the purge and its list look for.
CREATE INDEX binned_sets ON backup_sets (tenant_id, deleted_at) WHERE deleted_at IS NOT NULL;
