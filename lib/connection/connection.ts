import { z } from "zod";
import { requireAsRead } from "#lib/as-read";
import type { Tx } from "#lib/db/transaction";
import { env } from "#lib/env";
import { AppError, fieldError } from "#lib/errors";
import { type AuditLogPermission, auditLogPermissions } from "#lib/graph/audit-events";
import { createGraphClient } from "#lib/graph/client";
import { availableClouds } from "#lib/graph/clouds";
import { GraphError } from "#lib/graph/errors";
import { connectionTestSeconds } from "#lib/limits";
import { notifyLive } from "#lib/live/notify";
import { type NamePermission, namePermissions } from "#lib/names/permissions";
import { operation, operationInSteps } from "#lib/operation";
import { foundationKeys, policyTypeKeys } from "#lib/policies/catalog";
import { missingPermissions } from "#lib/policies/granted";
import { instant } from "#lib/view-fields";
import { expiryOfCertificate, tellRenewed } from "./expiry.ts";
import {
  type ConnectionTest,
  type ConnectionView,
  connectionSchema,
  isSameRegistration,
  isSameTenant,
  type Registration,
} from "./schema.ts";
import {
  connectionOrFaultView,
  readConnectionOrFault,
  type StoredConnection,
  sealConnectionCredential,
} from "./store.ts";
import { connectionTestView, connectionView, savedConnectionView } from "./views.ts";

/** The tenant's connection without its credential, or null when none was saved. */
export const getConnection = operation({
  name: "connection.get",
  permission: "connection:view",
  effect: "read",
  input: z.strictObject({}),
  output: connectionView.nullable(),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/connection",
    operationId: "getConnection",
    summary: "How the tenant is reached",
    tag: "Connection",
    answer: "Without the credential",
    absent: "No connection of this tenant was saved yet.",
  },
  async run({ db }) {
    return present(db);
  },
});

/**
 * Saves the connection. The credential is encrypted before it reaches the database, and no operation returns
 * it; an empty one keeps what is stored, as long as it is for the same app registration. With another cloud or Entra tenant the
 * connection for writing is forgotten: its credential was for the one before.
 * @throws AppError VALIDATION_FAILED; at `credential` when it is empty and none that fits is stored, at `client_id` when it is
 *   the one that writes; EDIT_CONFLICT when it was saved after `updated_at`
 */
export const saveConnection = operation({
  name: "connection.save",
  permission: "connection:manage",
  effect: "write",
  input: connectionSchema.extend({
    updated_at: instant.nullable().optional().meta({
      description:
        "As it was read, null where there was none: 409 EDIT_CONFLICT when somebody has saved since",
    }),
  }),
  output: savedConnectionView,
  http: {
    method: "PUT",
    path: "/tenants/{tenantId}/connection",
    operationId: "saveConnection",
    summary: "Save how the tenant is reached",
    description:
      "The credential is stored encrypted and never given out; an empty one keeps what is stored, unless cloud, Entra tenant or client id change. With another cloud or Entra tenant the connection for writing is forgotten.",
    tag: "Connection",
    answer: "Without the credential",
    errors: ["EDIT_CONFLICT"],
  },
  async run({ db, tenant, now, audit }, { credential, credential_expires_at, updated_at, ...input }) {
    if (!availableClouds(env()).includes(input.cloud)) {
      throw fieldError("cloud", "is not available in this installation");
    }
    // Of two saves at once the second sees what the first stored: no secret meets another app registration.
    await db.$queryRaw`SELECT 1 FROM connections WHERE tenant_id = ${tenant.id} FOR UPDATE`;
    const before = await db.connection.findFirst({ omit: { credential_ciphertext: true } });
    requireAsRead(updated_at === undefined ? undefined : { updated_at }, {
      updated_at: before?.updated_at.toISOString() ?? null,
    });
    const writing = await db.writeConnection.findFirst({ select: { client_id: true } });
    const write_connection_forgotten = writing !== null && before !== null && !isSameTenant(before, input);
    if (write_connection_forgotten) await db.writeConnection.deleteMany({ where: { tenant_id: tenant.id } });
    else if (writing?.client_id.toLowerCase() === input.client_id)
      throw fieldError(
        "client_id",
        "must be another app registration than that which writes: backups stay read-only",
      );
    const isKept = credential === "";
    if (isKept) requireKeptCredential(before, input);
    const expiresAt = expiryOf(before, { ...input, credential, credential_expires_at });
    const isSameExpiry = expiresAt?.getTime() === before?.credential_expires_at?.getTime();
    const data = {
      ...input,
      updated_at: now,
      tested_at: null,
      credential_expires_at: expiresAt,
      // What was told was of the one before.
      ...(isKept && isSameExpiry ? {} : { expiry_told_days: null }),
    };
    if (isKept) await db.connection.update({ where: { tenant_id: tenant.id }, data });
    else {
      const sealed = { ...data, credential_ciphertext: sealConnectionCredential(credential, tenant.id) };
      await db.connection.upsert({
        where: { tenant_id: tenant.id },
        create: { tenant_id: tenant.id, ...sealed },
        update: sealed,
      });
    }
    if (before && !isSameExpiry) await tellRenewed(db, tenant.id, expiresAt);
    audit({
      action: "connection.saved",
      details: {
        ...input,
        credential_changed: !isKept,
        credential_expires_at: expiresAt?.toISOString() ?? null,
      },
    });
    if (write_connection_forgotten)
      audit({
        action: "write_connection.forgotten",
        details: { why: "the tenant that is connected has changed" },
      });
    const saved = await present(db);
    if (!saved) throw new Error("The connection was not saved");
    return { ...saved, write_connection_forgotten };
  },
});

const loadForTest = operation({
  name: "connection.load_for_test",
  permission: "connection:manage",
  effect: "read",
  input: z.strictObject({}),
  output: z.strictObject({ connection: connectionOrFaultView, saved_at: instant }),
  async run({ db, tenant }) {
    const saved = await present(db);
    if (!saved) throw new AppError("CONFLICT", "There is no connection to test yet. Save one first.");
    const connection = await readConnectionOrFault(db, tenant.id);
    return { connection, saved_at: saved.updated_at };
  },
});

const recordTest = operation({
  name: "connection.record_test",
  permission: "connection:manage",
  effect: "write",
  input: z.strictObject({ saved_at: z.iso.datetime(), result: connectionTestView }),
  output: z.void(),
  async run({ db, tenant, now, audit }, { saved_at, result }) {
    const { count } = await db.connection.updateMany({
      where: { tenant_id: tenant.id, updated_at: saved_at },
      data: { tested_at: now, test_result: result as object },
    });
    if (count === 0)
      throw new AppError("CONFLICT", "The connection was changed while it was being tested. Test it again.");
    audit({ action: "connection.tested", details: { ok: result.ok, missing: Object.keys(result.missing) } });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "connection", id: null }]);
  },
});

/**
 * Tests the connection: signs in to the tenant anew and reads from the token which permissions are granted. The
 * call to Microsoft happens between two transactions, never inside one.
 * @throws AppError CONFLICT when no connection was saved, or another one was saved during the test
 */
export const testConnection = operationInSteps({
  name: "connection.test",
  permission: "connection:manage",
  input: z.strictObject({}),
  output: connectionTestView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/connection/test",
    operationId: "testConnection",
    summary: "Sign in to the tenant and see what is granted",
    tag: "Connection",
    answer: "What was found; ok is false when signing in failed",
    errors: ["CONFLICT"],
  },
  async run({ actor, tenant }) {
    const { connection, saved_at } = await loadForTest(actor, tenant.id, {});
    const result =
      connection instanceof GraphError ? refused(connection.message) : await signInToGraph(connection);
    await recordTest(actor, tenant.id, { saved_at, result });
    return result;
  },
});

async function signInToGraph(connection: StoredConnection): Promise<ConnectionTest> {
  try {
    // A client of its own holds no token yet, so what was granted a moment ago counts.
    const client = createGraphClient(connection, {
      signal: AbortSignal.timeout(connectionTestSeconds * 1_000),
    });
    const granted = await client.roles();
    const missing = Object.fromEntries(
      missingPermissions(granted, [...policyTypeKeys, ...foundationKeys])
        .filter((check) => !check.granted)
        .map((check) => [check.key, check.permission]),
    );
    const count = Object.keys(missing).length;
    const readable =
      count === 0
        ? "Signed in. Every policy type can be read."
        : `Signed in. ${count === 1 ? "1 policy type or foundation" : `${count} policy types and foundations`} cannot be read: grant the permissions below in Entra.`;
    const change_authors = auditLogPermissions(granted);
    const names = namePermissions(granted);
    return {
      ok: true,
      message: [readable, ...optionalHint(change_authors), ...namesHint(names)].join(" "),
      granted: [...granted].sort(),
      missing,
      change_authors,
      names,
    };
  } catch (error) {
    return refused(
      error instanceof GraphError
        ? error.message
        : `The sign-in service did not answer within ${connectionTestSeconds} seconds. Try again.`,
    );
  }
}

/**
 * A secret or certificate belongs to one app registration: it is not sent in the name of another, or to another cloud.
 * @throws AppError VALIDATION_FAILED at `credential`
 */
function requireKeptCredential(before: Registration | null, input: Registration): void {
  const wanted = `enter the ${input.credential_kind === "secret" ? "client secret" : "certificate"}`;
  if (before?.credential_kind !== input.credential_kind)
    throw fieldError("credential", `must not be empty: ${wanted}`);
  if (!isSameRegistration(before, input))
    throw fieldError("credential", "must be entered again: the stored one is for another app registration");
}

/** A word on the permissions that are not needed for backups. */
function optionalHint(permissions: readonly AuditLogPermission[]): string[] {
  const lacking = permissions.filter((each) => !each.granted);
  if (lacking.length === 0) return [];
  const services = lacking.map((each) => (each.log === "intune" ? "Intune" : "Entra")).join(" and ");
  const names = lacking.map((each) => each.permission).join(" and ");
  return [`Who changed what: not permitted for ${services} (optional: grant ${names}).`];
}

function namesHint(permissions: readonly NamePermission[]): string[] {
  const lacking = permissions.filter((each) => !each.granted);
  if (lacking.length === 0) return [];
  const what = new Intl.ListFormat("en").format(lacking.map((each) => each.names));
  const names = new Intl.ListFormat("en").format(lacking.map((each) => each.permission));
  return [`Names of ${what}: not permitted, ids are shown (optional: grant ${names}).`];
}

function refused(message: string): ConnectionTest {
  return { ok: false, message, granted: [], missing: {} };
}

/** When the credential expires that is to be stored, as far as that is known. */
function expiryOf(
  before: { credential_expires_at: Date | null } | null,
  {
    credential_kind,
    credential,
    credential_expires_at: said,
  }: Pick<z.output<typeof connectionSchema>, "credential_kind" | "credential" | "credential_expires_at">,
): Date | null {
  const stored = credential === "" ? (before?.credential_expires_at ?? null) : null;
  if (credential_kind === "certificate") return credential === "" ? stored : expiryOfCertificate(credential);
  return said === undefined ? stored : said === null ? null : new Date(said);
}

async function present(db: Tx): Promise<ConnectionView | null> {
  const row = await db.connection.findFirst({ omit: { credential_ciphertext: true } });
  if (!row) return null;
  return {
    cloud: row.cloud,
    entra_tenant_id: row.entra_tenant_id,
    client_id: row.client_id,
    credential_kind: row.credential_kind,
    credential_expires_at: row.credential_expires_at?.toISOString() ?? null,
    updated_at: row.updated_at.toISOString(),
    tested_at: row.tested_at?.toISOString() ?? null,
    test_result: row.tested_at ? (row.test_result as unknown as ConnectionTest | null) : null,
  };
}
