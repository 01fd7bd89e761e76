-- All items are ranges now (migration "item_ranges"): `npm run migrate` has converted what there was.
DO $$
BEGIN
  IF EXISTS (SELECT FROM unconverted_items) THEN
    RAISE EXCEPTION 'some items are not converted yet: apply the migrations with npm run migrate, which converts them';
  END IF;
END $$;

CREATE OR REPLACE VIEW backup_items WITH (security_invoker = true) AS
  SELECT r.id, r.tenant_id, s.id AS backup_set_id, r.kind, r.policy_type, r.graph_id, r.display_name, r.sha256,
         coalesce((SELECT v.volatile FROM item_volatiles v
                   WHERE v.tenant_id = r.tenant_id AND v.range_id = r.id AND v.from_set_id <= s.id
                   ORDER BY v.from_set_id DESC LIMIT 1), r.volatile) AS volatile,
         r.children, r.notes, r.seal
  FROM backup_sets s
  JOIN item_ranges r
    ON r.backup_schedule_id = s.backup_schedule_id AND r.until_set_id > s.id AND r.from_set_id <= s.id;
DROP FUNCTION backup_item_seal;
DROP FUNCTION seal_item;
DROP TABLE unconverted_items;

-- Nobody changes items through it either.
CREATE TRIGGER immutable INSTEAD OF UPDATE ON backup_items FOR EACH ROW EXECUTE FUNCTION refuse_update();
CREATE TRIGGER kept INSTEAD OF DELETE ON backup_items FOR EACH ROW EXECUTE FUNCTION refuse_removal();

-- Where a snapshot is missing, the item was damaged before: verification says so, and the next run heals it.
DO $$
BEGIN
  ALTER TABLE "item_ranges" ADD CONSTRAINT "item_ranges_tenant_id_sha256_fkey" FOREIGN KEY ("tenant_id", "sha256")
    REFERENCES "snapshots"("tenant_id", "sha256") ON DELETE NO ACTION ON UPDATE CASCADE;
EXCEPTION WHEN foreign_key_violation THEN
  ALTER TABLE "item_ranges" ADD CONSTRAINT "item_ranges_tenant_id_sha256_fkey" FOREIGN KEY ("tenant_id", "sha256")
    REFERENCES "snapshots"("tenant_id", "sha256") ON DELETE NO ACTION ON UPDATE CASCADE NOT VALID;
END $$;

-- A set that is there never gains an item, as it never loses one: ranges are written before the set that they begin with.
CREATE FUNCTION refuse_late_range() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM backup_sets b
             WHERE b.backup_schedule_id = NEW.backup_schedule_id AND b.id >= NEW.from_set_id) THEN
    RAISE EXCEPTION 'backup set % or a later one is immutable: no item can be added', NEW.from_set_id
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER added_in_time BEFORE INSERT ON item_ranges FOR EACH ROW EXECUTE FUNCTION refuse_late_range();

CREATE FUNCTION refuse_late_volatile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM item_ranges r JOIN backup_sets b USING (backup_schedule_id)
             WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.range_id AND b.id >= NEW.from_set_id) THEN
    RAISE EXCEPTION 'backup set % or a later one is immutable: no fields can be added', NEW.from_set_id
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER added_in_time BEFORE INSERT ON item_volatiles FOR EACH ROW EXECUTE FUNCTION refuse_late_volatile();
