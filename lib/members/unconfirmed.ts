import { z } from "zod";
import { roleRulesActor } from "#lib/access/actor";
import { ruleMembershipDays } from "#lib/limits";
import { operation, platformOperation } from "#lib/operation";
import { id } from "#lib/view-fields";
import { endLeftBehind } from "./left-behind.ts";
import { isLastOwner, lockOwners } from "./owners.ts";

/** The tenants that have memberships to end: also archived ones, whose members go on reading. */
const tenantsWithUnconfirmed = platformOperation({
  name: "member.tenants_with_unconfirmed",
  permission: "member:follow_rules",
  input: z.strictObject({}),
  output: z.array(id),
  async run({ db }) {
    const tenants = await db.$queryRaw<{ id: number }[]>`
      SELECT DISTINCT t.id FROM memberships m JOIN tenants t ON t.id = m.tenant_id
      WHERE m.from_rule AND m.rule_confirmed_at <= now() - ${ruleMembershipDays} * interval '1 day' AND t.deleted_at IS NULL
      ORDER BY t.id`;
    return tenants.map((tenant) => tenant.id);
  },
});

/**
 * Ends the memberships that rules have made and no sign-in with Microsoft has confirmed for `ruleMembershipDays` days: what Entra
 * says of these people now, nobody knows. The last owner who can act stays.
 */
const endUnconfirmed = operation({
  name: "member.end_unconfirmed",
  permission: "member:follow_rules",
  effect: "write",
  input: z.strictObject({}),
  output: z.void(),
  async run({ db, tenant, now, audit, unchanged }) {
    unchanged();
    await lockOwners(db);
    const due = await db.$queryRaw<{ user_id: number; role: string }[]>`
      SELECT user_id, role::text AS role FROM memberships
      WHERE from_rule AND rule_confirmed_at <= now() - ${ruleMembershipDays} * interval '1 day'
      ORDER BY rule_confirmed_at, user_id FOR UPDATE`;
    for (const { user_id, role } of due) {
      if (role === "owner" && (await isLastOwner(db, user_id))) continue;
      await db.membership.delete({ where: { tenant_id_user_id: { tenant_id: tenant.id, user_id } } });
      audit({
        action: "member.removed",
        target: { kind: "user", id: user_id },
        details: { role, why: `not confirmed by Microsoft for ${ruleMembershipDays} days` },
      });
      for (const entry of await endLeftBehind(db, user_id, null, now)) audit(entry);
    }
  },
});

/**
 * Ends such memberships in all tenants, until the signal. Trouble with one tenant does not keep it from the others.
 * @throws AggregateError with what went wrong, at the end
 */
export async function endUnconfirmedMemberships(signal?: AbortSignal): Promise<void> {
  const errors: unknown[] = [];
  for (const tenantId of await tenantsWithUnconfirmed(roleRulesActor, {})) {
    if (signal?.aborted) break;
    await endUnconfirmed(roleRulesActor, tenantId, {}).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0)
    throw new AggregateError(errors, "Memberships by rules could not be ended everywhere");
}
