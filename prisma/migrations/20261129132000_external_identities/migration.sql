-- Somebody else may vouch for a person: Microsoft Entra ID. What binds an account is the issuer and the subject that it
-- gives the person for ever, never an e-mail address, which others can come to have. Roles in a tenant may follow what the
-- issuer says of the person, by rules that the tenant's owners write.

-- CreateTable
CREATE TABLE "external_identities" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "issuer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "external_identities_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "external_identities_issuer_subject_key" ON "external_identities"("issuer", "subject");

-- CreateIndex
CREATE UNIQUE INDEX "external_identities_user_id_issuer_key" ON "external_identities"("user_id", "issuer");

-- AddForeignKey
ALTER TABLE "external_identities" ADD CONSTRAINT "external_identities_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- CreateTable
CREATE TABLE "role_rules" (
    "id" SERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "claim" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "role" "role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "role_rules_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "role_rules_tenant_id_claim_value_key" ON "role_rules"("tenant_id", "claim", "value");

-- AddForeignKey
ALTER TABLE "role_rules" ADD CONSTRAINT "role_rules_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AlterTable
ALTER TABLE "memberships" ADD COLUMN "from_rule" BOOLEAN NOT NULL DEFAULT false;

-- Rules of single rows
ALTER TABLE external_identities
  ADD CONSTRAINT issuer_is_an_address CHECK (issuer ~ '^https?://' AND length(issuer) <= 500),
  ADD CONSTRAINT subject_has_length CHECK (length(subject) BETWEEN 1 AND 255);
ALTER TABLE role_rules
  ADD CONSTRAINT claim_is_known CHECK (claim IN ('roles', 'groups')),
  ADD CONSTRAINT value_has_length CHECK (length(value) BETWEEN 1 AND 200);

-- Grants. Identity finds who signs in, and binds whom an invitation makes; a person binds and unbinds their own. A binding
-- is never changed. A tenant has its own rules; which tenants have any is asked before one is known.
GRANT SELECT, INSERT ON external_identities TO tenantpilot_identity;
GRANT SELECT, INSERT, DELETE ON external_identities TO tenantpilot_account;
GRANT USAGE ON SEQUENCE external_identities_id_seq TO tenantpilot_identity, tenantpilot_account;
GRANT SELECT, INSERT, DELETE ON role_rules TO tenantpilot_app;
GRANT SELECT (tenant_id) ON role_rules TO tenantpilot_identity;
GRANT USAGE ON SEQUENCE role_rules_id_seq TO tenantpilot_app;

ALTER TABLE external_identities ENABLE ROW LEVEL SECURITY;
ALTER TABLE external_identities FORCE ROW LEVEL SECURITY;
CREATE POLICY identity ON external_identities TO tenantpilot_identity USING (true) WITH CHECK (true);
CREATE POLICY account ON external_identities TO tenantpilot_account
  USING (user_id = app_user_id()) WITH CHECK (user_id = app_user_id());
ALTER TABLE role_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE role_rules FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON role_rules TO tenantpilot_app
  USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id());
CREATE POLICY identity ON role_rules FOR SELECT TO tenantpilot_identity USING (true);
