-- How often somebody tried to sign in, for all web processes together.
--   pair      an address from one client network     address   an address, from wherever
--   network   one client network, whichever address  known     no count: from here this address signed in of late
-- Keys are hashes: the table tells nobody who tried, or from where.
CREATE TABLE "sign_in_attempts" (
  "kind" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "attempts" INTEGER NOT NULL,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,

  CONSTRAINT "sign_in_attempts_pkey" PRIMARY KEY ("kind", "key")
);
-- What is over is removed by those who come later.
CREATE INDEX "sign_in_attempts_expires_at_idx" ON "sign_in_attempts" ("expires_at");

ALTER TABLE sign_in_attempts
  ADD CONSTRAINT kind_is_known CHECK (kind IN ('pair', 'address', 'network', 'known')),
  ADD CONSTRAINT key_is_a_hash CHECK (key ~ '^[0-9a-f]{64}$'),
  ADD CONSTRAINT attempts_are_counted CHECK (attempts >= 0);

GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_attempts TO tenantpilot_identity;
ALTER TABLE sign_in_attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE sign_in_attempts FORCE ROW LEVEL SECURITY;
CREATE POLICY identity ON sign_in_attempts TO tenantpilot_identity USING (true) WITH CHECK (true);
