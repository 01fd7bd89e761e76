import type { Tx } from "#lib/db/transaction";

/** More in one mail, and mail servers take it for something else. */
export const recipientsMost = 50;

/**
 * Whom a mail goes to now: the addresses of its target, and the tenant's owners, but those who do not want this kind of
 * message or whose account is disabled.
 */
export async function recipientsOf(
  db: Tx,
  target: { tenant_id: number | null; recipients: readonly string[]; to_owners: boolean },
  kind: string,
): Promise<string[]> {
  const owners =
    target.to_owners && target.tenant_id !== null
      ? await db.$queryRaw<{ email: string }[]>`
          SELECT u.email FROM memberships m JOIN users u ON u.id = m.user_id
          WHERE m.tenant_id = ${target.tenant_id} AND m.role = 'owner' AND u.disabled_at IS NULL
            AND NOT EXISTS (
              SELECT FROM user_preferences p WHERE p.user_id = u.id AND ${kind} = ANY (p.muted_notifications))
          ORDER BY u.id`
      : [];
  return [...new Set([...target.recipients, ...owners.map(({ email }) => email)])].slice(0, recipientsMost);
}
