-- What a request with an Idempotency-Key was answered: the same request again gets the same answer, and is not done twice.
-- The key is claimed in the transaction of the work, so that neither is there without the other; whoever comes with the
-- same key meanwhile waits for the primary key.

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "tenant_id" INTEGER NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "actor_id" INTEGER NOT NULL,
    "key_sha256" CHAR(64) NOT NULL,
    "request_sha256" CHAR(64) NOT NULL,
    "status" INTEGER,
    "headers" JSONB,
    "body" TEXT,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("tenant_id","actor_kind","actor_id","key_sha256")
);

-- CreateIndex
CREATE INDEX "idempotency_keys_tenant_id_expires_at_idx" ON "idempotency_keys"("tenant_id", "expires_at");

-- AddForeignKey
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE idempotency_keys
  ADD CONSTRAINT actor_is_a_caller CHECK (actor_kind IN ('user', 'token')),
  ADD CONSTRAINT key_is_a_hash CHECK (key_sha256 ~ '^[0-9a-f]{64}$'),
  ADD CONSTRAINT request_is_a_hash CHECK (request_sha256 ~ '^[0-9a-f]{64}$'),
  -- What was refused is not kept.
  ADD CONSTRAINT answer_is_good CHECK (status BETWEEN 200 AND 299),
  ADD CONSTRAINT answer_is_whole CHECK ((status IS NULL) = (headers IS NULL) AND (status IS NULL) = (body IS NULL));

-- A key that is over is claimed anew in its row; removing rows is retention's.
GRANT SELECT, INSERT ON idempotency_keys TO tenantpilot_app;
GRANT UPDATE (request_sha256, status, headers, body, expires_at) ON idempotency_keys TO tenantpilot_app;
GRANT SELECT, DELETE ON idempotency_keys TO tenantpilot_retention;
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON idempotency_keys TO tenantpilot_app, tenantpilot_retention
  USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id());
