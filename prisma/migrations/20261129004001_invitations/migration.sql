-- Somebody becomes a member by accepting an invitation, which they open by a link. What is stored of the link is a hash.

-- CreateTable
CREATE TABLE "invitations" (
    "id" SERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "email" TEXT NOT NULL,
    "role" "role" NOT NULL,
    "token_hash" TEXT NOT NULL,
    "invited_by" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "withdrawn_at" TIMESTAMPTZ(3),
    "accepted_at" TIMESTAMPTZ(3),
    "accepted_by" INTEGER,

    CONSTRAINT "invitations_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "invitations_token_hash_key" ON "invitations"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "invitations_tenant_id_id_key" ON "invitations"("tenant_id", "id");

-- AddForeignKey
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Rules of single rows
ALTER TABLE invitations
  ADD CONSTRAINT email_is_lower_case CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 320),
  ADD CONSTRAINT token_is_a_hash CHECK (token_hash ~ '^[0-9a-f]{64}$'),
  ADD CONSTRAINT ends_later CHECK (expires_at > created_at),
  ADD CONSTRAINT ended_once CHECK (withdrawn_at IS NULL OR accepted_at IS NULL),
  ADD CONSTRAINT accepted_by_somebody CHECK ((accepted_at IS NULL) = (accepted_by IS NULL));
-- One link that works for an address: another invitation takes the place of the one before.
CREATE UNIQUE INDEX one_open_invitation ON invitations (tenant_id, email)
  WHERE withdrawn_at IS NULL AND accepted_at IS NULL;

-- Grants. A tenant invites and withdraws; who accepts is not a member yet, and comes as identity with the link.
GRANT SELECT, INSERT ON invitations TO tenantpilot_app, tenantpilot_identity;
GRANT UPDATE (withdrawn_at) ON invitations TO tenantpilot_app;
GRANT UPDATE (accepted_at, accepted_by) ON invitations TO tenantpilot_identity;
GRANT USAGE ON SEQUENCE invitations_id_seq TO tenantpilot_app, tenantpilot_identity;

ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invitations TO tenantpilot_app
  USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id());
CREATE POLICY identity ON invitations TO tenantpilot_identity USING (true) WITH CHECK (true);

-- An invitation ends once, and is never another one.
CREATE FUNCTION refuse_invitation_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  lifecycle text[] := ARRAY['withdrawn_at', 'accepted_at', 'accepted_by'];
BEGIN
  IF OLD.withdrawn_at IS NOT NULL OR OLD.accepted_at IS NOT NULL
     OR to_jsonb(OLD) - lifecycle IS DISTINCT FROM to_jsonb(NEW) - lifecycle THEN
    RAISE EXCEPTION 'invitation % can only end, and only once', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ends_once BEFORE UPDATE ON invitations FOR EACH ROW EXECUTE FUNCTION refuse_invitation_change();
