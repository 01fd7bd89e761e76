-- contract: what may be missing from now on the version before always writes, and every delivery names an event that is there.
-- What happens to the installation and in no tenant is an event of none: the platform's targets alone hear of it.

ALTER TABLE alert_events ALTER COLUMN tenant_id DROP NOT NULL;
ALTER TABLE alert_deliveries ALTER COLUMN tenant_id DROP NOT NULL;

-- A delivery of no tenant goes with its event too.
ALTER TABLE "alert_deliveries" ADD CONSTRAINT "alert_deliveries_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "alert_events"("id") ON DELETE CASCADE ON UPDATE CASCADE;

DROP POLICY platform ON alert_events;
CREATE POLICY platform ON alert_events FOR SELECT TO tenantpilot_identity USING (EXISTS (
  SELECT FROM alert_deliveries d WHERE d.event_id = alert_events.id AND d.target_tenant_id IS NULL));
