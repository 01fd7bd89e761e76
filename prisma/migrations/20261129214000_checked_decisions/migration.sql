-- Whether what a person decided a reference stands for was found in the tenant, and if not, why nobody could look.
ALTER TABLE reference_decisions ADD COLUMN checked_at TIMESTAMPTZ(3), ADD COLUMN not_checked TEXT;
