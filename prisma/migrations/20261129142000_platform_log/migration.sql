-- Platform administrators read the platform's own log, and no tenant's.

GRANT SELECT ON audit_log, audit_chain TO tenantpilot_identity;
CREATE POLICY platform ON audit_log FOR SELECT TO tenantpilot_identity USING (tenant_id IS NULL);
CREATE POLICY platform ON audit_chain FOR SELECT TO tenantpilot_identity USING (chain = 0);
