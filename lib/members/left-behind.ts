import { can, type Role } from "#lib/access/permissions";
import type { AuditEntryInput } from "#lib/audit/entry";
import type { Tx } from "#lib/db/transaction";
import { endFormerSecretsOf } from "#lib/tokens/former-secrets";
import { withdrawInvitationsOf } from "./invitations.ts";

/**
 * Ends what would let somebody do more than their role does from now on: their open invitations, unless they may still invite, and
 * the old secrets that they know of API tokens. Whatever changes a role or ends a membership calls it.
 * @param role null when they are no member any more
 * @returns the entries for the audit log
 */
export async function endLeftBehind(
  db: Tx,
  userId: number,
  role: Role | null,
  now: Date,
): Promise<AuditEntryInput[]> {
  await endFormerSecretsOf(db, userId, role);
  return role !== null && can(role, "member:write") ? [] : withdrawInvitationsOf(db, userId, now);
}
