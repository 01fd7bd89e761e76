-- What a restore reads is a part of the tenant, and no backup: it counts neither among the runs nor among the changes that they
-- found. Said of other runs as before (migration "run_counts").

-- Nobody ends a run from here on until all of it is so: the locks of this statement are kept. And only so does the owner see the rows.
ALTER TABLE backup_schedule_runs NO FORCE ROW LEVEL SECURITY;
ALTER TABLE backup_schedules NO FORCE ROW LEVEL SECURITY;
ALTER TABLE run_counts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE incidents NO FORCE ROW LEVEL SECURITY;

CREATE OR REPLACE FUNCTION count_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.finished_at IS NOT NULL AND OLD.trigger <> 'restore' THEN
    INSERT INTO run_counts (tenant_id, quarter, success, partial, failed, canceled, skipped, added, changed, removed)
    VALUES (OLD.tenant_id, date_bin('15 min', OLD.finished_at, '1970-01-01T00:00:00Z'),
            -(OLD.status = 'success')::integer, -(OLD.status = 'partial')::integer, -(OLD.status = 'failed')::integer,
            -(OLD.status = 'canceled')::integer, -(OLD.status = 'skipped')::integer,
            -OLD.changes_added, -OLD.changes_changed, -OLD.changes_removed);
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.finished_at IS NOT NULL AND NEW.trigger <> 'restore' THEN
    INSERT INTO run_counts (tenant_id, quarter, success, partial, failed, canceled, skipped, added, changed, removed)
    VALUES (NEW.tenant_id, date_bin('15 min', NEW.finished_at, '1970-01-01T00:00:00Z'),
            (NEW.status = 'success')::integer, (NEW.status = 'partial')::integer, (NEW.status = 'failed')::integer,
            (NEW.status = 'canceled')::integer, (NEW.status = 'skipped')::integer,
            NEW.changes_added, NEW.changes_changed, NEW.changes_removed);
  END IF;
  RETURN NULL;
END $$;

-- What was counted of them is taken back.
INSERT INTO run_counts (tenant_id, quarter, success, partial, failed, canceled, skipped, added, changed, removed)
SELECT tenant_id, date_bin('15 min', finished_at, '1970-01-01T00:00:00Z') AS quarter,
       -count(*) FILTER (WHERE status = 'success'), -count(*) FILTER (WHERE status = 'partial'),
       -count(*) FILTER (WHERE status = 'failed'), -count(*) FILTER (WHERE status = 'canceled'),
       -count(*) FILTER (WHERE status = 'skipped'), -sum(changes_added), -sum(changes_changed), -sum(changes_removed)
FROM backup_schedule_runs WHERE trigger = 'restore' AND finished_at IS NOT NULL
GROUP BY tenant_id, quarter ORDER BY tenant_id, quarter;

-- Incidents of schedules that are no more, or that only restores read with: nothing would ever end them.
UPDATE incidents i SET closed_at = now()
FROM backup_schedules s
WHERE i.closed_at IS NULL AND i.cause LIKE 'schedule:%' AND s.tenant_id = i.tenant_id AND s.id = i.schedule_id
  AND s.deleted_at IS NOT NULL;

SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE incidents FORCE ROW LEVEL SECURITY;
ALTER TABLE run_counts FORCE ROW LEVEL SECURITY;
ALTER TABLE backup_schedules FORCE ROW LEVEL SECURITY;
ALTER TABLE backup_schedule_runs FORCE ROW LEVEL SECURITY;
