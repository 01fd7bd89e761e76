-- The portfolio adds up weeks of outcomes of hundreds of tenants on every visit: from the index alone. The table is several
-- times as long as what is in it, because each run appends a row that is soon folded into another.
CREATE INDEX "run_outcomes_by_quarter_idx" ON "run_counts"("tenant_id", "quarter", "success", "partial", "failed");
DROP INDEX "run_counts_tenant_id_quarter_idx";
