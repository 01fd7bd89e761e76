import type { RestoreStart } from "#components/restore/start/restore-start.ts";
import type { Actor } from "#lib/access/actor";
import { canIn } from "#lib/access/permissions";
import { listMyTenantNames, type TenantName } from "#lib/overview/my-tenants";
import { plan } from "./actions.ts";

/**
 * What a page needs to offer a restore from a tenant's sets.
 * @param into the tenant that is most likely restored to
 * @returns null where the viewer may not: policies that leave a tenant ask for exports there
 */
export async function restoreStart(
  actor: Actor,
  source: TenantName,
  into: number = source.id,
): Promise<RestoreStart | null> {
  if (!canIn(source, "set:export")) return null;
  const targets = (await listMyTenantNames(actor, {}))
    .filter((tenant) => canIn(tenant, "restore:plan"))
    .map(({ id, name }) => ({ id, name }));
  const targetId = (targets.find(({ id }) => id === into) ?? targets[0])?.id;
  if (targetId === undefined) return null;
  return { source: { id: source.id, name: source.name }, targets, targetId, plan };
}
