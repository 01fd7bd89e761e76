-- What the list of backup sets asks of a page of rows: who moved a set to the bin, and which sets are damaged. Both are
-- a handful among many; without these, the first would read the whole audit log.
CREATE INDEX set_removals ON audit_log (tenant_id, target_id, id DESC) WHERE action = 'set.removed';
CREATE INDEX damaged_sets ON backup_sets (tenant_id, id DESC) WHERE verify_result ->> 'status' = 'damaged';
