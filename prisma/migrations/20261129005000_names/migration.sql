-- The names of what a set's policies refer to by id: groups, users, apps, filters, tags. They are one document beside the
-- set, stored as a snapshot is, and no part of any policy: a group that is renamed changes no policy.

-- 1. What an item refers to: kind → ids. Kept with the item until the run ends, whichever attempt captured it.
ALTER TABLE "staged_items" ADD COLUMN "refs" JSONB NOT NULL DEFAULT '{}';

-- 2. The set's names. Null: a set from before there were names, or one whose policies refer to nothing.
ALTER TABLE "backup_sets" ADD COLUMN "names_sha256" CHAR(64);
ALTER TABLE "backup_sets" ADD CONSTRAINT "backup_sets_tenant_id_names_sha256_fkey"
  FOREIGN KEY ("tenant_id", "names_sha256") REFERENCES "snapshots"("tenant_id", "sha256")
  ON DELETE NO ACTION ON UPDATE CASCADE;
-- The purge looks for what no set refers to.
CREATE INDEX "backup_sets_tenant_id_names_sha256_idx" ON "backup_sets"("tenant_id", "names_sha256");

-- 3. The seal covers it. A set without names keeps the seal that it has.
CREATE OR REPLACE FUNCTION backup_set_seal(made backup_sets) RETURNS bytea LANGUAGE sql STABLE
  RETURN sha256(convert_to((jsonb_build_array(made.id, made.tenant_id, made.backup_schedule_id, made.run_id, made.status,
    made.item_count, made.bytes_logical, made.bytes_stored, made.manifest, made.manifest_sha256, made.item_parity,
    (extract(epoch FROM made.created_at) * 1000)::bigint)
    || CASE WHEN made.names_sha256 IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(made.names_sha256) END)::text, 'UTF8'));
