import { raiseAlerts } from "#lib/alerts/raise";
import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";

/** What keeps a tenant in somebody's hands. In a transaction that is bound to the tenant. */

/** Locks the memberships of all owners, in one order: of two who end each other's at once, the second finds what is left. */
export async function lockOwners(db: Tx): Promise<void> {
  await db.$queryRaw`SELECT 1 FROM memberships WHERE role = 'owner' ORDER BY user_id FOR UPDATE`;
}

/** Whether nobody else is an owner who can act: one whose account is disabled cannot. */
export async function isLastOwner(db: Tx, userId: number): Promise<boolean> {
  const [another] = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM memberships m JOIN users u ON u.id = m.user_id
    WHERE m.role = 'owner' AND m.user_id <> ${userId} AND u.disabled_at IS NULL LIMIT 1`;
  return another === undefined;
}

/** What somebody is told who would leave the tenant without an owner who can act. */
export function lastOwner(): AppError {
  return new AppError(
    "CONFLICT",
    "This is the tenant's last owner who can act. Make someone else an owner first.",
  );
}

/** Tells the tenant's targets of a new owner. Whatever makes somebody one calls it. */
export async function tellNewOwner(
  db: Tx,
  { tenant_id, user_id, body }: { tenant_id: number; user_id: number; body: string },
): Promise<void> {
  await raiseAlerts(db, [
    {
      kind: "member.owner_added",
      tenant_id,
      title: "New owner",
      body,
      link: `/tenants/${tenant_id}/members`,
      data: { user_id },
    },
  ]);
}
