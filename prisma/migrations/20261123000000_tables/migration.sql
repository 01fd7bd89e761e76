-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "role" AS ENUM ('readonly', 'operator', 'manager', 'owner');

-- CreateEnum
CREATE TYPE "frequency" AS ENUM ('daily', 'weekly');

-- CreateEnum
CREATE TYPE "missed_run_policy" AS ENUM ('run_latest', 'skip');

-- CreateEnum
CREATE TYPE "run_status" AS ENUM ('running', 'success', 'partial', 'failed', 'canceled', 'skipped');

-- CreateEnum
CREATE TYPE "run_trigger" AS ENUM ('schedule', 'manual', 'retry');

-- CreateEnum
CREATE TYPE "cloud" AS ENUM ('global', 'usgov_l4', 'usgov_dod', 'china', 'sandbox');

-- CreateEnum
CREATE TYPE "credential_kind" AS ENUM ('secret', 'certificate');

-- CreateEnum
CREATE TYPE "item_kind" AS ENUM ('policy', 'foundation');

-- CreateTable
CREATE TABLE "users" (
    "id" SERIAL NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tenants" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "memberships" (
    "tenant_id" INTEGER NOT NULL,
    "user_id" INTEGER NOT NULL,
    "role" "role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "memberships_pkey" PRIMARY KEY ("tenant_id","user_id")
);

-- CreateTable
CREATE TABLE "api_tokens" (
    "id" SERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "role" "role" NOT NULL,
    "token_hash" TEXT NOT NULL,
    "created_by" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connections" (
    "tenant_id" INTEGER NOT NULL,
    "cloud" "cloud" NOT NULL,
    "entra_tenant_id" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "credential_kind" "credential_kind" NOT NULL,
    "credential_ciphertext" BYTEA NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "tested_at" TIMESTAMPTZ(3),
    "test_result" JSONB,

    CONSTRAINT "connections_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateTable
CREATE TABLE "backup_schedules" (
    "id" SERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "is_enabled" BOOLEAN NOT NULL DEFAULT true,
    "timezone" TEXT NOT NULL,
    "frequency" "frequency" NOT NULL,
    "time_of_day" TEXT NOT NULL,
    "days_of_week" SMALLINT[],
    "policy_types" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "include_foundations" BOOLEAN NOT NULL DEFAULT true,
    "retention_keep_last" INTEGER NOT NULL DEFAULT 30,
    "missed_run_policy" "missed_run_policy" NOT NULL DEFAULT 'run_latest',
    "start_window_minutes" INTEGER NOT NULL DEFAULT 0,
    "pause_after_failures" INTEGER NOT NULL DEFAULT 5,
    "failure_streak" INTEGER NOT NULL DEFAULT 0,
    "paused_reason" TEXT,
    "next_run_at" TIMESTAMPTZ(3),
    "last_run_at" TIMESTAMPTZ(3),
    "last_run_status" "run_status",
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "backup_schedules_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "backup_schedule_runs" (
    "id" SERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "backup_schedule_id" INTEGER NOT NULL,
    "scheduled_for" TIMESTAMPTZ(3) NOT NULL,
    "trigger" "run_trigger" NOT NULL,
    "status" "run_status" NOT NULL,
    "job_id" UUID,
    "retry_of_run_id" INTEGER,
    "requested_by" INTEGER,
    "missed_occurrences" INTEGER NOT NULL DEFAULT 0,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "heartbeat_at" TIMESTAMPTZ(3),
    "cancel_requested_at" TIMESTAMPTZ(3),
    "progress" JSONB,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "summary" JSONB NOT NULL DEFAULT '{}',
    "error_code" TEXT,
    "error_message" TEXT,
    "backup_set_id" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "backup_schedule_runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "backup_sets" (
    "id" SERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "backup_schedule_id" INTEGER NOT NULL,
    "run_id" INTEGER NOT NULL,
    "status" "run_status" NOT NULL,
    "item_count" INTEGER NOT NULL,
    "bytes_logical" BIGINT NOT NULL,
    "bytes_stored" BIGINT NOT NULL,
    "manifest" JSONB NOT NULL,
    "manifest_sha256" CHAR(64) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "pinned_at" TIMESTAMPTZ(3),
    "pinned_by" INTEGER,
    "deleted_at" TIMESTAMPTZ(3),
    "verified_at" TIMESTAMPTZ(3),
    "verify_result" JSONB,

    CONSTRAINT "backup_sets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "backup_items" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "backup_set_id" INTEGER NOT NULL,
    "kind" "item_kind" NOT NULL,
    "policy_type" TEXT NOT NULL,
    "graph_id" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "sha256" CHAR(64) NOT NULL,
    "volatile" JSONB NOT NULL DEFAULT '{}',
    "children" JSONB NOT NULL DEFAULT '{}',
    "notes" TEXT[] DEFAULT ARRAY[]::TEXT[],

    CONSTRAINT "backup_items_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "staged_items" (
    "tenant_id" INTEGER NOT NULL,
    "run_id" INTEGER NOT NULL,
    "attempt" INTEGER NOT NULL,
    "kind" "item_kind" NOT NULL,
    "policy_type" TEXT NOT NULL,
    "graph_id" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "sha256" CHAR(64) NOT NULL,
    "last_modified" TEXT,
    "volatile" JSONB NOT NULL DEFAULT '{}',
    "children" JSONB NOT NULL DEFAULT '{}',
    "notes" TEXT[] DEFAULT ARRAY[]::TEXT[],

    CONSTRAINT "staged_items_pkey" PRIMARY KEY ("run_id","policy_type","graph_id")
);

-- CreateTable
CREATE TABLE "snapshots" (
    "tenant_id" INTEGER NOT NULL,
    "sha256" CHAR(64) NOT NULL,
    "encoding" TEXT NOT NULL,
    "content" BYTEA NOT NULL,
    "bytes_logical" INTEGER NOT NULL,
    "bytes_stored" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "snapshots_pkey" PRIMARY KEY ("tenant_id","sha256")
);

-- CreateTable
CREATE TABLE "audit_log" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor_kind" TEXT NOT NULL,
    "actor_id" INTEGER,
    "actor_name" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target_kind" TEXT,
    "target_id" INTEGER,
    "details" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "audit_log_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "notifications" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "user_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "link" TEXT,
    "data" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "read_at" TIMESTAMPTZ(3),

    CONSTRAINT "notifications_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE INDEX "memberships_user_id_idx" ON "memberships"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "api_tokens_token_hash_key" ON "api_tokens"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "api_tokens_tenant_id_id_key" ON "api_tokens"("tenant_id", "id");

-- CreateIndex
CREATE INDEX "backup_schedules_tenant_id_name_idx" ON "backup_schedules"("tenant_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "backup_schedules_tenant_id_id_key" ON "backup_schedules"("tenant_id", "id");

-- CreateIndex
CREATE INDEX "backup_schedule_runs_tenant_id_id_idx" ON "backup_schedule_runs"("tenant_id", "id" DESC);

-- CreateIndex
CREATE INDEX "backup_schedule_runs_backup_schedule_id_id_idx" ON "backup_schedule_runs"("backup_schedule_id", "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "backup_schedule_runs_tenant_id_id_key" ON "backup_schedule_runs"("tenant_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "backup_schedule_runs_backup_schedule_id_scheduled_for_key" ON "backup_schedule_runs"("backup_schedule_id", "scheduled_for");

-- CreateIndex
CREATE INDEX "backup_sets_backup_schedule_id_id_idx" ON "backup_sets"("backup_schedule_id", "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "backup_sets_tenant_id_id_key" ON "backup_sets"("tenant_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "backup_sets_tenant_id_run_id_key" ON "backup_sets"("tenant_id", "run_id");

-- CreateIndex
CREATE INDEX "backup_items_tenant_id_sha256_idx" ON "backup_items"("tenant_id", "sha256");

-- CreateIndex
CREATE INDEX "backup_items_tenant_id_policy_type_graph_id_idx" ON "backup_items"("tenant_id", "policy_type", "graph_id");

-- CreateIndex
CREATE UNIQUE INDEX "backup_items_backup_set_id_policy_type_graph_id_key" ON "backup_items"("backup_set_id", "policy_type", "graph_id");

-- CreateIndex
CREATE INDEX "staged_items_tenant_id_sha256_idx" ON "staged_items"("tenant_id", "sha256");

-- CreateIndex
CREATE INDEX "audit_log_tenant_id_id_idx" ON "audit_log"("tenant_id", "id" DESC);

-- CreateIndex
CREATE INDEX "notifications_tenant_id_user_id_id_idx" ON "notifications"("tenant_id", "user_id", "id" DESC);

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_tokens" ADD CONSTRAINT "api_tokens_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connections" ADD CONSTRAINT "connections_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backup_schedules" ADD CONSTRAINT "backup_schedules_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backup_schedule_runs" ADD CONSTRAINT "backup_schedule_runs_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backup_schedule_runs" ADD CONSTRAINT "backup_schedule_runs_tenant_id_backup_schedule_id_fkey" FOREIGN KEY ("tenant_id", "backup_schedule_id") REFERENCES "backup_schedules"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backup_schedule_runs" ADD CONSTRAINT "backup_schedule_runs_tenant_id_retry_of_run_id_fkey" FOREIGN KEY ("tenant_id", "retry_of_run_id") REFERENCES "backup_schedule_runs"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "backup_schedule_runs" ADD CONSTRAINT "backup_schedule_runs_tenant_id_backup_set_id_fkey" FOREIGN KEY ("tenant_id", "backup_set_id") REFERENCES "backup_sets"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "backup_sets" ADD CONSTRAINT "backup_sets_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backup_sets" ADD CONSTRAINT "backup_sets_tenant_id_backup_schedule_id_fkey" FOREIGN KEY ("tenant_id", "backup_schedule_id") REFERENCES "backup_schedules"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backup_sets" ADD CONSTRAINT "backup_sets_tenant_id_run_id_fkey" FOREIGN KEY ("tenant_id", "run_id") REFERENCES "backup_schedule_runs"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backup_items" ADD CONSTRAINT "backup_items_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backup_items" ADD CONSTRAINT "backup_items_tenant_id_backup_set_id_fkey" FOREIGN KEY ("tenant_id", "backup_set_id") REFERENCES "backup_sets"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backup_items" ADD CONSTRAINT "backup_items_tenant_id_sha256_fkey" FOREIGN KEY ("tenant_id", "sha256") REFERENCES "snapshots"("tenant_id", "sha256") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "staged_items" ADD CONSTRAINT "staged_items_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "staged_items" ADD CONSTRAINT "staged_items_tenant_id_run_id_fkey" FOREIGN KEY ("tenant_id", "run_id") REFERENCES "backup_schedule_runs"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "staged_items" ADD CONSTRAINT "staged_items_tenant_id_sha256_fkey" FOREIGN KEY ("tenant_id", "sha256") REFERENCES "snapshots"("tenant_id", "sha256") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "snapshots" ADD CONSTRAINT "snapshots_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audit_log" ADD CONSTRAINT "audit_log_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

