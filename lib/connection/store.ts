import { z } from "zod";
import type { Tx } from "#lib/db/transaction";
import { env } from "#lib/env";
import { clouds, endpointsOf } from "#lib/graph/clouds";
import type { GraphConnection } from "#lib/graph/connection";
import { GraphError } from "#lib/graph/errors";
import { isSealedWithCurrentKey, openCredential, sealCredential } from "#lib/sealed-credential";

/** A tenant's connection with its credential in clear. It stays in the process; no operation that is served returns it. */
const storedConnectionView = z.strictObject({
  cloud: z.enum(clouds),
  loginUrl: z.string(),
  graphUrl: z.string(),
  entraTenantId: z.string(),
  clientId: z.string(),
  credential: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("secret"), secret: z.string() }),
    z.strictObject({ kind: z.literal("certificate"), pem: z.string() }),
  ]),
}) satisfies z.ZodType<GraphConnection>;
export type StoredConnection = z.infer<typeof storedConnectionView>;

/** A connection, or why there is no way to Graph. */
export const connectionOrFaultView = z.union([storedConnectionView, z.instanceof(GraphError)]);

const field = "connection.credential";

/**
 * The tenant's connection. Inside a transaction of that tenant only.
 * @throws GraphError AUTH_CONFIG when none was saved, its credential cannot be opened (another encryption key),
 *   or its cloud is not available here.
 */
export async function readConnection(db: Tx, tenantId: number): Promise<StoredConnection> {
  const row = await db.connection.findFirst({ where: { tenant_id: tenantId } });
  if (!row) {
    throw new GraphError(
      "AUTH_CONFIG",
      "This tenant has no connection to Microsoft Graph yet. Set one up under Connection.",
    );
  }
  const clear = open(row.credential_ciphertext, tenantId);
  return {
    cloud: row.cloud,
    ...endpointsOf(row.cloud, env()),
    entraTenantId: row.entra_tenant_id,
    clientId: row.client_id,
    credential:
      row.credential_kind === "secret"
        ? { kind: "secret", secret: clear }
        : { kind: "certificate", pem: clear },
  };
}

/** {@link readConnection}, or why there is no way to Graph: for what reports it outside of the transaction. */
export async function readConnectionOrFault(
  db: Tx,
  tenantId: number,
): Promise<StoredConnection | GraphError> {
  return readConnection(db, tenantId).catch((error: unknown) => {
    if (error instanceof GraphError) return error;
    throw error;
  });
}

function open(sealed: Uint8Array, tenantId: number): string {
  try {
    return openCredential(sealed, tenantId, field);
  } catch (cause) {
    const message =
      "The stored credential cannot be opened with this installation's encryption keys. Enter it again.";
    throw new GraphError("AUTH_CONFIG", message, { cause });
  }
}

/**
 * The same credential under the current key.
 * @returns null when it is encrypted with that key already
 * @throws GraphError AUTH_CONFIG when none of the keys opens it
 */
export function resealConnectionCredential(
  sealed: Uint8Array,
  tenantId: number,
): Uint8Array<ArrayBuffer> | null {
  if (isSealedWithCurrentKey(sealed)) return null;
  return sealConnectionCredential(open(sealed, tenantId), tenantId);
}

/** The stored form of a credential. */
export function sealConnectionCredential(plain: string, tenantId: number): Uint8Array<ArrayBuffer> {
  return sealCredential(plain, tenantId, field);
}
