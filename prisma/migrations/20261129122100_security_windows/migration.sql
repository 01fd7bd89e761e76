-- What happened of late at the doors, for all processes together: so that nobody fills the audit log by trying again and
-- again. The first few events of a kind, about the same and within a window, get an entry each; the others are counted
-- here, and one more entry tells their number when the window is over.
CREATE TABLE "security_windows" (
    "key" TEXT NOT NULL,
    "about" JSONB NOT NULL,
    "seen" INTEGER NOT NULL,
    "told" INTEGER NOT NULL,
    "addresses" TEXT[],
    "first_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "security_windows_pkey" PRIMARY KEY ("key")
);
CREATE INDEX "security_windows_expires_at_idx" ON "security_windows" ("expires_at");

ALTER TABLE security_windows
  ADD CONSTRAINT key_is_a_hash CHECK (key ~ '^[0-9a-f]{64}$'),
  ADD CONSTRAINT told_are_seen CHECK (told BETWEEN 0 AND seen),
  ADD CONSTRAINT addresses_are_few CHECK (cardinality(addresses) <= 10);

-- Whoever meets a window that is over ends it; the dispatcher ends those that nobody meets.
GRANT SELECT, INSERT, UPDATE, DELETE ON security_windows TO tenantpilot_identity;
GRANT SELECT, DELETE ON security_windows TO tenantpilot_dispatcher;
ALTER TABLE security_windows ENABLE ROW LEVEL SECURITY;
ALTER TABLE security_windows FORCE ROW LEVEL SECURITY;
CREATE POLICY identity ON security_windows TO tenantpilot_identity USING (true) WITH CHECK (true);
CREATE POLICY dispatch ON security_windows TO tenantpilot_dispatcher USING (expires_at <= now());
