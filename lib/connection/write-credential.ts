import type { Tx } from "#lib/db/transaction";
import { env } from "#lib/env";
import { endpointsOf } from "#lib/graph/clouds";
import { GraphError } from "#lib/graph/errors";
import { writeConnectionDays } from "#lib/limits";
import { isSealedWithCurrentKey, openCredential, sealCredential } from "#lib/sealed-credential";
import type { StoredConnection } from "./store.ts";

const field = "write_connection.credential";

/** Where what an item of a restore keeps sealed belongs: secrets that people gave, and writes that wait for approval. */
export const restoreItemFields = {
  secrets: "restore_item.secrets",
  approval: "restore_item.approval",
} as const;

/** The stored form of a credential that writes. */
export function sealWriteCredential(plain: string, tenantId: number): Uint8Array<ArrayBuffer> {
  return sealCredential(plain, tenantId, field);
}

/** Whether the time of a connection for writing is over: then nobody opens it any more. */
export function isOver(
  { kept_until, saved_at }: { kept_until: Date | null; saved_at: Date },
  now: Date,
): boolean {
  const end = kept_until?.getTime() ?? saved_at.getTime() + writeConnectionDays * 86_400_000;
  return now.getTime() >= end;
}

/**
 * The tenant's connection for writing, in its transaction.
 * @returns null when there is none, or its time is over
 * @throws GraphError AUTH_CONFIG when its credential cannot be opened, or there is no connection that reads
 */
export async function openWriteConnection(
  db: Tx,
  tenantId: number,
  now: Date,
): Promise<StoredConnection | null> {
  const row = await db.writeConnection.findFirst({ where: { tenant_id: tenantId } });
  if (!row || isOver(row, now)) return null;
  const reading = await db.connection.findFirst({ select: { cloud: true, entra_tenant_id: true } });
  if (!reading)
    throw new GraphError("AUTH_CONFIG", "The tenant has no connection that reads; set one up first.");
  const clear = open(row.credential_ciphertext, tenantId);
  return {
    cloud: reading.cloud,
    ...endpointsOf(reading.cloud, env()),
    entraTenantId: reading.entra_tenant_id,
    clientId: row.client_id,
    credential:
      row.credential_kind === "secret"
        ? { kind: "secret", secret: clear }
        : { kind: "certificate", pem: clear },
  };
}

function open(sealed: Uint8Array, tenantId: number): string {
  try {
    return openCredential(sealed, tenantId, field);
  } catch (cause) {
    const message =
      "The stored credential for writing cannot be opened with this installation's encryption keys. Enter it again.";
    throw new GraphError("AUTH_CONFIG", message, { cause });
  }
}

/**
 * Seals all that a tenant's restores keep sealed with the current key, in the tenant's transaction.
 * @returns how many were sealed anew, and how many none of the keys opens
 */
export async function resealRestores(
  db: Tx,
  tenantId: number,
): Promise<{ reencrypted: number; current: number; unreadable: number }> {
  const counts = { reencrypted: 0, current: 0, unreadable: 0 };
  const reseal = (sealed: Uint8Array, name: string): Uint8Array<ArrayBuffer> | null => {
    if (isSealedWithCurrentKey(sealed)) {
      counts.current += 1;
      return null;
    }
    try {
      const resealed = sealCredential(openCredential(sealed, tenantId, name), tenantId, name);
      counts.reencrypted += 1;
      return resealed;
    } catch {
      counts.unreadable += 1;
      return null;
    }
  };
  const [connection] = await db.$queryRaw<{ credential_ciphertext: Uint8Array }[]>`
    SELECT credential_ciphertext FROM write_connections WHERE tenant_id = ${tenantId} FOR UPDATE`;
  const credential_ciphertext = connection && reseal(connection.credential_ciphertext, field);
  if (credential_ciphertext)
    await db.writeConnection.update({ where: { tenant_id: tenantId }, data: { credential_ciphertext } });
  const items = await db.$queryRaw<
    { id: number; secrets_ciphertext: Uint8Array | null; approval_ciphertext: Uint8Array | null }[]
  >`
    SELECT id, secrets_ciphertext, approval_ciphertext FROM restore_items
    WHERE tenant_id = ${tenantId} AND (secrets_ciphertext IS NOT NULL OR approval_ciphertext IS NOT NULL)
    ORDER BY id FOR UPDATE`;
  for (const { id, ...item } of items) {
    const secrets_ciphertext =
      item.secrets_ciphertext && reseal(item.secrets_ciphertext, restoreItemFields.secrets);
    const approval_ciphertext =
      item.approval_ciphertext && reseal(item.approval_ciphertext, restoreItemFields.approval);
    if (!secrets_ciphertext && !approval_ciphertext) continue;
    await db.restoreItem.update({
      where: { id },
      data: {
        ...(secrets_ciphertext && { secrets_ciphertext }),
        ...(approval_ciphertext && { approval_ciphertext }),
      },
    });
  }
  return counts;
}
