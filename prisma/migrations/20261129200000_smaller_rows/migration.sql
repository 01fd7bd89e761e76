-- What a night takes on disk.

-- 1. Volatile fields ----------------------------------------------------------------------------------------
-- Of a policy that was touched, one or two of them moved: from now on a row holds those, over what the range began with. A
-- row that is there already, and one of fields that are gone, holds all of them.
ALTER TABLE item_volatiles ADD COLUMN is_part BOOLEAN NOT NULL DEFAULT false;

CREATE OR REPLACE FUNCTION item_volatile_seal(item item_volatiles) RETURNS bytea LANGUAGE sql STABLE
  RETURN substr(sha256(convert_to((jsonb_build_array(item.tenant_id, item.range_id, item.from_set_id, item.volatile)
    || CASE WHEN item.is_part THEN '[true]'::jsonb ELSE '[]'::jsonb END)::text, 'UTF8')), 1, 16);

CREATE OR REPLACE VIEW backup_items WITH (security_invoker = true) AS
  SELECT r.id, r.tenant_id, s.id AS backup_set_id, r.kind, r.policy_type, r.graph_id, r.display_name, r.sha256,
         coalesce((SELECT CASE WHEN v.is_part THEN r.volatile || v.volatile ELSE v.volatile END FROM item_volatiles v
                   WHERE v.tenant_id = r.tenant_id AND v.range_id = r.id AND v.from_set_id <= s.id
                   ORDER BY v.from_set_id DESC LIMIT 1), r.volatile) AS volatile,
         r.children, r.notes, r.seal
  FROM backup_sets s
  JOIN item_ranges r
    ON r.backup_schedule_id = s.backup_schedule_id AND r.until_set_id > s.id AND r.from_set_id <= s.id;

-- 2. Indexes ------------------------------------------------------------------------------------------------
-- They are asked for one hash at a time: four bytes of each do, instead of the 64 letters.
DROP INDEX "item_ranges_tenant_id_sha256_idx";
CREATE INDEX "item_ranges_sha256_idx" ON "item_ranges" USING hash ("sha256");
DROP INDEX "staged_items_tenant_id_sha256_idx";
CREATE INDEX "staged_items_sha256_idx" ON "staged_items" USING hash ("sha256");

-- 3. Snapshots ----------------------------------------------------------------------------------------------
-- They are compressed already, and those of a few kilobytes lie closer in the table itself than cut into pieces beside it.
ALTER TABLE snapshots ALTER COLUMN content SET STORAGE EXTERNAL, SET (toast_tuple_target = 8160);

-- 4. Staging ------------------------------------------------------------------------------------------------
-- Vacuum leaves the indexes as large as the largest night made them. The daily sweep clears them when nothing is staged.
GRANT TRUNCATE ON staged_items, staged_seen TO tenantpilot_dispatcher;
GRANT SELECT ON staged_seen TO tenantpilot_dispatcher;
CREATE POLICY dispatch ON staged_seen FOR SELECT TO tenantpilot_dispatcher USING (true);
