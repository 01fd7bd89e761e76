-- How many runs ended, how, and what they found changed: per tenant and quarter of an hour. The overview and the
-- portfolio add up weeks of runs on every visit; with 200,000 runs even an index alone takes 35 ms for it. Days of every
-- time zone begin at a quarter of an hour, so these rows answer for each of them.
--
-- The rows are additions, and only their sums mean something. The transaction that ends a run appends one, so no two
-- runs ever wait for each other, and none is counted without its run or a run without it. Later they are folded
-- (lib/runs/fold-counts.ts): one statement takes rows away and writes their sum, so every reader sees either.

-- CreateTable
CREATE TABLE "run_counts" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "quarter" TIMESTAMPTZ(3) NOT NULL,
    "is_folded" BOOLEAN NOT NULL DEFAULT false,
    "success" INTEGER NOT NULL,
    "partial" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "canceled" INTEGER NOT NULL,
    "skipped" INTEGER NOT NULL,
    "added" BIGINT NOT NULL,
    "changed" BIGINT NOT NULL,
    "removed" BIGINT NOT NULL,

    CONSTRAINT "run_counts_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "run_counts_tenant_id_quarter_idx" ON "run_counts"("tenant_id", "quarter");

-- AddForeignKey
ALTER TABLE "run_counts" ADD CONSTRAINT "run_counts_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- What is still to be folded.
CREATE INDEX unfolded_run_counts ON run_counts (quarter) WHERE NOT is_folded;

-- The runs that are there already: only so does the owner see them. Nobody else sees or ends a run from here on until
-- the triggers below stand.
ALTER TABLE backup_schedule_runs NO FORCE ROW LEVEL SECURITY;
INSERT INTO run_counts (tenant_id, quarter, is_folded, success, partial, failed, canceled, skipped, added, changed, removed)
SELECT tenant_id, date_bin('15 min', finished_at, '1970-01-01T00:00:00Z') AS quarter, true,
       count(*) FILTER (WHERE status = 'success'), count(*) FILTER (WHERE status = 'partial'),
       count(*) FILTER (WHERE status = 'failed'), count(*) FILTER (WHERE status = 'canceled'),
       count(*) FILTER (WHERE status = 'skipped'), sum(changes_added), sum(changes_changed), sum(changes_removed)
FROM backup_schedule_runs WHERE finished_at IS NOT NULL GROUP BY tenant_id, quarter ORDER BY tenant_id, quarter;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE backup_schedule_runs FORCE ROW LEVEL SECURITY;

-- Row-level security, as for every table with a tenant.
ALTER TABLE run_counts ENABLE ROW LEVEL SECURITY;
ALTER TABLE run_counts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON run_counts TO tenantpilot_app, tenantpilot_retention
  USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id());
CREATE POLICY portfolio ON run_counts FOR SELECT TO tenantpilot_portfolio
  USING (tenant_id IN (SELECT tenant_id FROM memberships WHERE user_id = app_user_id()));
CREATE POLICY dispatch ON run_counts TO tenantpilot_dispatcher USING (true) WITH CHECK (true);

-- Grants: who writes runs appends, and the dispatcher's tick folds. A row never changes.
GRANT SELECT, INSERT ON run_counts TO tenantpilot_app;
GRANT SELECT ON run_counts TO tenantpilot_portfolio;
GRANT SELECT, INSERT, DELETE ON run_counts TO tenantpilot_dispatcher;
GRANT USAGE ON SEQUENCE run_counts_id_seq TO tenantpilot_app, tenantpilot_dispatcher;
CREATE TRIGGER immutable BEFORE UPDATE ON run_counts FOR EACH ROW EXECUTE FUNCTION refuse_update();

-- Counts a run that has ended, and takes back what it counted before: right after any change of a run, also one that
-- history refuses today.
CREATE FUNCTION count_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.finished_at IS NOT NULL THEN
    INSERT INTO run_counts (tenant_id, quarter, success, partial, failed, canceled, skipped, added, changed, removed)
    VALUES (OLD.tenant_id, date_bin('15 min', OLD.finished_at, '1970-01-01T00:00:00Z'),
            -(OLD.status = 'success')::integer, -(OLD.status = 'partial')::integer, -(OLD.status = 'failed')::integer,
            -(OLD.status = 'canceled')::integer, -(OLD.status = 'skipped')::integer,
            -OLD.changes_added, -OLD.changes_changed, -OLD.changes_removed);
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.finished_at IS NOT NULL THEN
    INSERT INTO run_counts (tenant_id, quarter, success, partial, failed, canceled, skipped, added, changed, removed)
    VALUES (NEW.tenant_id, date_bin('15 min', NEW.finished_at, '1970-01-01T00:00:00Z'),
            (NEW.status = 'success')::integer, (NEW.status = 'partial')::integer, (NEW.status = 'failed')::integer,
            (NEW.status = 'canceled')::integer, (NEW.status = 'skipped')::integer,
            NEW.changes_added, NEW.changes_changed, NEW.changes_removed);
  END IF;
  RETURN NULL;
END $$;

-- A run that begins, and one whose progress is noted, costs no more than a look at these conditions.
CREATE TRIGGER counted_new AFTER INSERT ON backup_schedule_runs FOR EACH ROW
  WHEN (NEW.finished_at IS NOT NULL) EXECUTE FUNCTION count_run();
CREATE TRIGGER counted_changed AFTER UPDATE ON backup_schedule_runs FOR EACH ROW
  WHEN ((OLD.tenant_id, OLD.finished_at, OLD.status, OLD.changes_added, OLD.changes_changed, OLD.changes_removed)
        IS DISTINCT FROM
        (NEW.tenant_id, NEW.finished_at, NEW.status, NEW.changes_added, NEW.changes_changed, NEW.changes_removed))
  EXECUTE FUNCTION count_run();
CREATE TRIGGER counted_gone AFTER DELETE ON backup_schedule_runs FOR EACH ROW
  WHEN (OLD.finished_at IS NOT NULL) EXECUTE FUNCTION count_run();

-- It held what is read from run_counts now.
DROP INDEX ended_runs;

-- Which failures nobody has mended yet: a handful of the schedules, of which the overview asks for all.
CREATE INDEX troubled_schedules ON backup_schedules (tenant_id, id)
  WHERE last_run_status IN ('failed', 'partial') AND deleted_at IS NULL;
