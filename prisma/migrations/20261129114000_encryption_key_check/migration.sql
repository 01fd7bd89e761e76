-- By which key the credentials in this database are encrypted: a hash of it, so that a process with another one notices.
CREATE TABLE "encryption_key_check" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "key_hash" TEXT NOT NULL,
    "noted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "encryption_key_check_pkey" PRIMARY KEY ("id")
);
ALTER TABLE encryption_key_check
  ADD CONSTRAINT one_row CHECK (id = 1),
  ADD CONSTRAINT key_is_a_hash CHECK (key_hash ~ '^[0-9a-f]{64}$');

GRANT SELECT, INSERT, UPDATE ON encryption_key_check TO tenantpilot_dispatcher;
ALTER TABLE encryption_key_check ENABLE ROW LEVEL SECURITY;
ALTER TABLE encryption_key_check FORCE ROW LEVEL SECURITY;
CREATE POLICY dispatch ON encryption_key_check TO tenantpilot_dispatcher USING (true) WITH CHECK (true);
