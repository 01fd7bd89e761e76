import { z } from "zod";
import { writeAuditEntries } from "#lib/audit/write";
import { type Tx, transaction } from "#lib/db/transaction";
import { AppError, fieldError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { administratorOperation } from "#lib/operation";
import type { By } from "./by.ts";

/** How many rows one transaction removes of a tenant that is deleted. */
const rowsAtOnce = 5_000;

/**
 * Deletes a tenant for good that has been archived for long enough, with everything in it and its audit log; the platform's log
 * keeps a line. The first transaction takes it from everybody, the others remove what was in it. After an interruption the same
 * call goes on.
 * @throws AppError NOT_FOUND; CONFLICT when it is not archived, or not for long enough, or a run is still going on;
 * VALIDATION_FAILED at `name` when that is not its name
 */
export const deleteTenant = administratorOperation({
  name: "platform.delete_tenant",
  effect: "write",
  input: z.strictObject({
    tenant_id: idSchema,
    name: z.string().max(200, "must be at most 200 characters").meta({
      description: "The tenant's name, as a sign that this one is meant",
    }),
  }),
  output: z.void(),
  http: {
    method: "POST",
    path: "/platform/tenants/{tenantId}/delete",
    operationId: "deleteTenant",
    summary: "Delete an archived tenant for good, with everything in it",
    description:
      "From `deletable_at` on: some time has to pass after it was archived. There is no way back. After an interruption the " +
      "same request goes on.",
    tag: "Platform",
    status: 204,
    answer: "Gone",
    errors: ["CONFLICT"],
  },
  run: ({ db, by }, tenant) => beginDeletion(db, by, tenant),
  afterwards: ({ tenant_id }) => finishDeletion(tenant_id),
});

/** Takes a tenant from everybody, and removes a first part of it. @throws AppError as `deleteTenant` */
export async function beginDeletion(
  db: Tx,
  by: By,
  { tenant_id: tenantId, name }: { tenant_id: number; name: string },
): Promise<void> {
  const [tenant] = await db.$queryRaw<
    { name: string; is_being_deleted: boolean; deletable_at: Date | null; is_deletable: boolean | null }[]
  >`
    SELECT name, deleted_at IS NOT NULL AS is_being_deleted, archived_at + tenant_deletion_wait() AS deletable_at,
           archived_at + tenant_deletion_wait() <= now() AS is_deletable
    FROM tenants WHERE id = ${tenantId} FOR UPDATE`;
  if (!tenant) throw noSuchTenant();
  if (tenant.name !== name) throw fieldError("name", "is not the name of this tenant");
  if (!tenant.is_being_deleted) {
    if (!tenant.deletable_at) throw new AppError("CONFLICT", "Only an archived tenant can be deleted.");
    if (!tenant.is_deletable)
      throw new AppError(
        "CONFLICT",
        `This tenant can be deleted from ${tenant.deletable_at.toISOString()} on: it has not been archived for long enough.`,
      );
    await db.$executeRaw`UPDATE tenants SET deleted_at = now() WHERE id = ${tenantId}`;
    await writeAuditEntries(db, null, by, [
      { action: "tenant.deleted", target: { kind: "tenant", id: tenantId }, details: { name } },
    ]);
  }
  await erase(db, tenantId);
}

/** Removes the rest of a tenant that is being deleted, in transactions of its own. @throws AppError CONFLICT */
export async function finishDeletion(tenantId: number): Promise<void> {
  while (await transaction({ as: "identity" }, (db) => erase(db, tenantId), { timeoutMs: 60_000 })) {
    // Each removes a part.
  }
}

/**
 * Does something in this transaction as if no time had to pass between archiving and deleting. The owner of the database alone
 * can: the waiting time is theirs. Nobody else sees it shortened.
 * @throws AppError FORBIDDEN for another login
 */
export async function withoutWaiting<T>(db: Tx, work: () => Promise<T>): Promise<T> {
  const [before] = await db.$queryRaw<{ hours: number }[]>`
    SELECT tenant_deletion_wait_hours AS hours FROM installation`;
  if (!before) throw new Error("The database does not say how long a tenant has to be archived");
  const wait = async (hours: number) => {
    await db.$executeRaw`SELECT set_config('role', 'none', true)`;
    await db.$executeRaw`UPDATE installation SET tenant_deletion_wait_hours = ${hours}`;
    await db.$executeRaw`SELECT set_config('role', 'tenantpilot_identity', true)`;
  };
  await wait(0).catch((error: unknown) => {
    if (!(error instanceof Error && /\b42501\b/.test(error.message))) throw error;
    throw new AppError(
      "FORBIDDEN",
      "Only the owner of the database deletes a tenant without waiting: name that login in DATABASE_OWNER_URL.",
      { cause: error },
    );
  });
  const result = await work();
  await wait(before.hours);
  return result;
}

/** @returns whether there may be more to remove */
async function erase(db: Tx, tenantId: number): Promise<boolean> {
  const [part] = await db.$queryRaw<{ removed: number | null }[]>`
    SELECT erase_tenant(${tenantId}::int, ${rowsAtOnce}::int) AS removed`;
  if (part?.removed === null)
    throw new AppError("CONFLICT", "A run of this tenant is still going on. Try again when it has ended.");
  return (part?.removed ?? 0) > 0;
}

export function noSuchTenant(): AppError {
  return new AppError("NOT_FOUND", "There is no such tenant.");
}
