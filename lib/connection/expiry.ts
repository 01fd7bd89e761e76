import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { dispatcherActor, executorActor } from "#lib/access/actor";
import { type Alert, raiseAlerts } from "#lib/alerts/raise";
import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { GraphError } from "#lib/graph/errors";
import { expiryToldDays } from "#lib/limits";
import { operation, platformOperation } from "#lib/operation";
import { readConnection } from "./store.ts";

const cause = "credential";

/** When a certificate expires; null where it cannot be read. Of several in one PEM the first signs. */
export function expiryOfCertificate(pem: string): Date | null {
  const [certificate] = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(pem) ?? [];
  if (certificate === undefined) return null;
  try {
    const { validTo } = new X509Certificate(certificate);
    const at = new Date(validTo);
    return Number.isNaN(at.getTime()) ? null : at;
  } catch {
    return null;
  }
}

/** Ends the incident of a credential that expires, in the transaction that saves another one, or another date. */
export async function tellRenewed(db: Tx, tenant_id: number, expiresAt: Date | null): Promise<void> {
  const until = expiresAt ? `It expires at ${expiresAt.toISOString()}.` : "When it expires is not known.";
  await raiseAlerts(db, [
    {
      kind: "credential.renewed",
      cause,
      tenant_id,
      title: "Credential renewed",
      body: `Another credential, or another date, was saved. ${until}`,
      link: `/tenants/${tenant_id}/connection`,
    },
  ]);
}

interface Expiring {
  tenant_id: number;
  credential_kind: "secret" | "certificate";
  credential_expires_at: Date;
  days: number;
  is_over: boolean;
}

/** Of a connection `c`, the last threshold that has passed, in days; null when none has. */
const passed = Prisma.sql`
  CASE ${Prisma.join(
    expiryToldDays
      .toSorted((a, b) => a - b)
      .map(
        (days) =>
          Prisma.sql`WHEN c.credential_expires_at <= now() + make_interval(days => ${days}) THEN ${days}::int`,
      ),
    " ",
  )} END`;
/** The connections that a threshold has passed of which nobody was told. By an index: those that expire soon. */
const untold = Prisma.sql`
  FROM connections c JOIN tenants t ON t.id = c.tenant_id
  WHERE t.archived_at IS NULL AND c.credential_expires_at <= now() + make_interval(days => ${Math.max(...expiryToldDays)})
    AND ${passed} < coalesce(c.expiry_told_days, ${Math.max(...expiryToldDays) + 1})`;

/** Whether anything is to be told of credentials that expire. */
export const somethingExpires = Prisma.sql`EXISTS (SELECT ${untold})`;

/**
 * Tells of credentials that expire, once at each threshold; of several that have passed unseen, the last.
 * @returns how many were told
 */
export const watchExpiry = platformOperation({
  name: "connection.watch_expiry",
  permission: "dispatch:tick",
  input: z.strictObject({}),
  output: z.int(),
  async run({ db }) {
    const expiring = await db.$queryRaw<Expiring[]>`
      WITH due AS (SELECT c.tenant_id, c.credential_expires_at, ${passed} AS days ${untold})
      UPDATE connections c SET expiry_told_days = due.days FROM due
      WHERE c.tenant_id = due.tenant_id
        -- Whoever saved another credential meanwhile has one that is not due.
        AND c.credential_expires_at = due.credential_expires_at
        AND due.days < coalesce(c.expiry_told_days, ${Math.max(...expiryToldDays) + 1})
      RETURNING c.tenant_id, c.credential_kind, c.credential_expires_at, due.days, c.credential_expires_at <= now() AS is_over`;
    await raiseAlerts(db, expiring.map(alertOf));
    return expiring.length;
  },
});

function alertOf({ tenant_id, credential_kind, credential_expires_at, days, is_over }: Expiring): Alert {
  const what = credential_kind === "secret" ? "client secret" : "certificate";
  const at = credential_expires_at.toISOString();
  return {
    kind: "credential.expiring",
    cause,
    tenant_id,
    // The day before, backups are about to end.
    ...(days <= 1 ? { severity: "critical" } : {}),
    isNews: true,
    title: is_over
      ? "Credential expired"
      : `Credential expires within ${days === 1 ? "a day" : `${days} days`}`,
    body: `The ${what} of the tenant's connection ${is_over ? "expired" : "expires"} at ${at}. Make a new one in Entra, and save it under Connection.`,
    link: `/tenants/${tenant_id}/connection`,
    data: { credential_kind, expires_at: at, days },
  };
}

/** Reads when a certificate expires that was stored before that was noted. */
const learnExpiry = operation({
  name: "connection.learn_expiry",
  permission: "run:execute",
  effect: "quiet",
  input: z.strictObject({}),
  output: z.void(),
  async run({ db, tenant }) {
    const connection = await readConnection(db, tenant.id).catch((error: unknown) => {
      // What cannot be opened is reported by runs and by the connection's test.
      if (error instanceof GraphError) return null;
      throw error;
    });
    if (connection?.credential.kind !== "certificate") return;
    // Another one may have been saved meanwhile, with its own end.
    await db.connection.updateMany({
      where: { tenant_id: tenant.id, credential_kind: "certificate", credential_expires_at: null },
      data: { credential_expires_at: expiryOfCertificate(connection.credential.pem) },
    });
  },
});

/** The tenants with a certificate whose end is not known: none but those that were stored before it was noted, or are unreadable. */
const findUnlearned = platformOperation({
  name: "connection.find_unlearned",
  permission: "dispatch:tick",
  input: z.strictObject({}),
  output: z.array(z.int()),
  async run({ db }) {
    const rows = await db.$queryRaw<{ tenant_id: number }[]>`
      SELECT c.tenant_id FROM connections c JOIN tenants t ON t.id = c.tenant_id
      WHERE c.credential_kind = 'certificate' AND c.credential_expires_at IS NULL AND t.archived_at IS NULL
      ORDER BY c.tenant_id`;
    return rows.map(({ tenant_id }) => tenant_id);
  },
});

/** {@link learnExpiry} for every tenant that needs it. @throws AggregateError with what went wrong, at the end */
export async function learnExpiries(signal?: AbortSignal): Promise<void> {
  const errors: unknown[] = [];
  for (const tenantId of await findUnlearned(dispatcherActor, {})) {
    if (signal?.aborted) return;
    await learnExpiry(executorActor, tenantId, {}).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw new AggregateError(errors, "Some certificates could not be looked at");
}
