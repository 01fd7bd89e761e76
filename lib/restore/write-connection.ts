import { z } from "zod";
import { expiryOfCertificate } from "#lib/connection/expiry";
import { connectionOrFaultView } from "#lib/connection/store";
import { isOver, openWriteConnection, sealWriteCredential } from "#lib/connection/write-credential";
import type { Tx } from "#lib/db/transaction";
import { AppError, fieldError } from "#lib/errors";
import { createGraphClient } from "#lib/graph/client";
import type { GraphConnection } from "#lib/graph/connection";
import { GraphError } from "#lib/graph/errors";
import { connectionTestSeconds, writeConnectionDays } from "#lib/limits";
import { notifyLive } from "#lib/live/notify";
import { operation, operationInSteps } from "#lib/operation";
import { present } from "#lib/present";
import { instant } from "#lib/view-fields";
import { type WriteConnectionTest, type WriteConnectionView, writeConnectionInput } from "./schema.ts";
import { writeConnectionTestView, writeConnectionView } from "./views.ts";
import { writableTypes } from "./writable-types.ts";

const absent = "This tenant has no connection for writing.";

async function presentWriteConnection(db: Tx, now: Date): Promise<WriteConnectionView | null> {
  const row = await db.writeConnection.findFirst({ omit: { credential_ciphertext: true } });
  if (!row || isOver(row, now)) return null;
  return present(writeConnectionView, {
    ...row,
    test_result: row.tested_at ? (row.test_result as unknown as WriteConnectionTest | null) : null,
  });
}

/** The tenant's connection for writing, without its credential; null when there is none, or its time is over. */
export const getWriteConnection = operation({
  name: "write_connection.get",
  permission: "restore:plan",
  effect: "read",
  input: z.strictObject({}),
  output: writeConnectionView.nullable(),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/write-connection",
    operationId: "getWriteConnection",
    summary: "How restores write to the tenant",
    tag: "Restores",
    answer: "Without the credential",
    absent,
  },
  run: ({ db, now }) => presentWriteConnection(db, now),
});

/**
 * Saves the connection for writing: another app registration than that which reads, in the same Entra tenant.
 * @throws AppError CONFLICT without a connection; VALIDATION_FAILED at `client_id` when it is the one that reads, and at
 *   `keep_hours` or `credential` for a certificate that ends before it would be forgotten
 */
export const saveWriteConnection = operation({
  name: "write_connection.save",
  permission: "write_connection:manage",
  effect: "write",
  input: writeConnectionInput,
  output: writeConnectionView,
  http: {
    method: "PUT",
    path: "/tenants/{tenantId}/write-connection",
    operationId: "saveWriteConnection",
    summary: "Save how restores write to the tenant",
    description:
      "An app registration of its own: backups stay read-only. It is forgotten after keep_hours, or after the next restore.",
    tag: "Restores",
    answer: "Without the credential",
    errors: ["CONFLICT"],
  },
  async run({ db, tenant, actor, now, audit }, { credential, keep_hours, ...input }) {
    // Whoever saves the connection that reads right now is waited for: of the two, the later one sees the other.
    const [reading] = await db.$queryRaw<{ client_id: string }[]>`
      SELECT client_id FROM connections WHERE tenant_id = ${tenant.id} FOR UPDATE`;
    if (!reading)
      throw new AppError("CONFLICT", "Set up the tenant's connection first: restores read through it.");
    if (reading.client_id.toLowerCase() === input.client_id)
      throw fieldError(
        "client_id",
        "must be another app registration than that which reads: backups stay read-only",
      );
    if (input.credential_kind === "certificate") requireLasting(credential, keep_hours, now);
    const data = {
      ...input,
      credential_ciphertext: sealWriteCredential(credential, tenant.id),
      kept_until: keep_hours === null ? null : new Date(now.getTime() + keep_hours * 3_600_000),
      saved_at: now,
      saved_by: actor.name,
      tested_at: null,
    };
    await db.writeConnection.upsert({
      where: { tenant_id: tenant.id },
      create: { tenant_id: tenant.id, ...data },
      update: data,
    });
    audit({ action: "write_connection.saved", details: { ...input, keep_hours } });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "connection", id: null }]);
    const saved = await presentWriteConnection(db, now);
    if (!saved) throw new Error("The connection for writing was not saved");
    return saved;
  },
});

/**
 * A certificate that ends before it is forgotten would let a restore stop halfway. It is kept for days, so there is nobody to tell
 * of it later; when a client secret ends, Microsoft says to people alone.
 * @throws AppError VALIDATION_FAILED
 */
function requireLasting(pem: string, keepHours: number | null, now: Date): void {
  const expiresAt = expiryOfCertificate(pem);
  if (expiresAt === null) return;
  const hours = Math.floor((expiresAt.getTime() - now.getTime()) / 3_600_000);
  const at = expiresAt.toISOString();
  if (hours < 1) throw fieldError("credential", `must be a certificate that holds; this one's end is ${at}`);
  if ((keepHours ?? writeConnectionDays * 24) > hours)
    throw fieldError("keep_hours", `must be at most ${hours}: the certificate expires at ${at}`);
}

/** Removes the connection for writing. @throws AppError NOT_FOUND */
export const forgetWriteConnection = operation({
  name: "write_connection.forget",
  permission: "write_connection:manage",
  effect: "write",
  endsAccess: true,
  input: z.strictObject({}),
  output: z.void(),
  http: {
    method: "DELETE",
    path: "/tenants/{tenantId}/write-connection",
    operationId: "forgetWriteConnection",
    summary: "Remove how restores write to the tenant",
    tag: "Restores",
    status: 204,
    answer: "Removed",
  },
  async run({ db, tenant, audit }) {
    const { count } = await db.writeConnection.deleteMany({ where: { tenant_id: tenant.id } });
    if (count === 0) throw new AppError("NOT_FOUND", absent);
    audit({ action: "write_connection.forgotten", details: { why: "asked" } });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "connection", id: null }]);
  },
});

const loadForTest = operation({
  name: "write_connection.load_for_test",
  permission: "write_connection:manage",
  effect: "read",
  input: z.strictObject({}),
  output: z.strictObject({ connection: connectionOrFaultView, saved_at: instant }),
  async run({ db, tenant, now }) {
    const saved = await presentWriteConnection(db, now);
    if (!saved) throw new AppError("CONFLICT", `${absent} Save one first.`);
    const connection = await openWriteConnection(db, tenant.id, now).catch((error: unknown) => {
      if (error instanceof GraphError) return error;
      throw error;
    });
    if (connection === null) throw new AppError("CONFLICT", `${absent} Save one first.`);
    return { connection, saved_at: saved.saved_at };
  },
});

const recordTest = operation({
  name: "write_connection.record_test",
  permission: "write_connection:manage",
  effect: "write",
  input: z.strictObject({ saved_at: z.iso.datetime(), result: writeConnectionTestView }),
  output: z.void(),
  async run({ db, tenant, now, audit }, { saved_at, result }) {
    const { count } = await db.writeConnection.updateMany({
      where: { tenant_id: tenant.id, saved_at },
      data: { tested_at: now, test_result: result as object },
    });
    if (count === 0)
      throw new AppError("CONFLICT", "The connection was changed while it was being tested. Test it again.");
    audit({ action: "write_connection.tested", details: { ok: result.ok } });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "connection", id: null }]);
  },
});

/**
 * Signs in with the connection for writing, and says of each policy type whether it may be written.
 * @throws AppError CONFLICT when none is saved, or another one was saved during the test
 */
export const testWriteConnection = operationInSteps({
  name: "write_connection.test",
  permission: "write_connection:manage",
  input: z.strictObject({}),
  output: writeConnectionTestView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/write-connection/test",
    operationId: "testWriteConnection",
    summary: "See what restores may write",
    tag: "Restores",
    answer: "What was found; ok is false when signing in failed",
    errors: ["CONFLICT"],
  },
  async run({ actor, tenant }) {
    const { connection, saved_at } = await loadForTest(actor, tenant.id, {});
    const result = connection instanceof GraphError ? refused(connection.message) : await signIn(connection);
    await recordTest(actor, tenant.id, { saved_at, result });
    return result;
  },
});

async function signIn(connection: GraphConnection): Promise<WriteConnectionTest> {
  try {
    const client = createGraphClient(connection, {
      signal: AbortSignal.timeout(connectionTestSeconds * 1_000),
    });
    const granted = await client.roles();
    const types = writableTypes(granted);
    const missing = types.filter(({ writable }) => writable === "permission_missing").length;
    const message =
      missing === 0
        ? "Signed in. Every type that an application may write can be restored."
        : `Signed in. ${missing === 1 ? "1 policy type" : `${missing} policy types`} cannot be written: grant the permissions below in Entra.`;
    return { ok: true, message, granted: [...granted].sort(), types };
  } catch (error) {
    return refused(
      error instanceof GraphError
        ? error.message
        : `The sign-in service did not answer within ${connectionTestSeconds} seconds. Try again.`,
    );
  }
}

function refused(message: string): WriteConnectionTest {
  return { ok: false, message, granted: [], types: [] };
}
