-- The platform's targets hear of all tenants. Their administrators see of an event when and where it was and of which kind, if it
-- went to one of these targets; never what it says, which is of what is in the tenant.
GRANT SELECT (id, uid, tenant_id, kind, severity, created_at) ON alert_events TO tenantpilot_identity;
CREATE POLICY platform ON alert_events FOR SELECT TO tenantpilot_identity USING (EXISTS (
  SELECT FROM alert_deliveries d
  WHERE d.tenant_id = alert_events.tenant_id AND d.event_id = alert_events.id AND d.target_tenant_id IS NULL));
