-- Who looks after the installation itself: makes tenants, and lets people in again who forgot their password.

ALTER TABLE "users" ADD COLUMN "is_platform_admin" BOOLEAN NOT NULL DEFAULT false;

-- A link by which a person chooses a new password. One a person: another one takes its place, and using it removes it.
CREATE TABLE "password_resets" (
    "user_id" INTEGER NOT NULL,
    "token_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "password_resets_pkey" PRIMARY KEY ("user_id")
);
CREATE UNIQUE INDEX "password_resets_token_hash_key" ON "password_resets"("token_hash");
ALTER TABLE "password_resets" ADD CONSTRAINT "password_resets_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Codes by which the first person makes their account, as long as there is nobody.
CREATE TABLE "setup_codes" (
    "code_hash" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "setup_codes_pkey" PRIMARY KEY ("code_hash")
);

ALTER TABLE password_resets
  ADD CONSTRAINT token_is_a_hash CHECK (token_hash ~ '^[0-9a-f]{64}$'),
  ADD CONSTRAINT ends_later CHECK (expires_at > created_at);
ALTER TABLE setup_codes ADD CONSTRAINT code_is_a_hash CHECK (code_hash ~ '^[0-9a-f]{64}$');

-- Both are for whoever is not signed in, and therefore for identity alone.
GRANT SELECT, INSERT, UPDATE, DELETE ON password_resets, setup_codes TO tenantpilot_identity;
ALTER TABLE password_resets ENABLE ROW LEVEL SECURITY;
ALTER TABLE password_resets FORCE ROW LEVEL SECURITY;
ALTER TABLE setup_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE setup_codes FORCE ROW LEVEL SECURITY;
CREATE POLICY identity ON password_resets TO tenantpilot_identity USING (true) WITH CHECK (true);
CREATE POLICY identity ON setup_codes TO tenantpilot_identity USING (true) WITH CHECK (true);
