import type { BaselineChoice } from "#components/drift/baseline-dialog";
import type { Actor } from "#lib/access/actor";
import { canIn } from "#lib/access/permissions";
import { listMyTenantNames, type TenantName } from "#lib/overview/my-tenants";

/**
 * What a page needs to offer the choice of a tenant's baseline: the tenants whose sets the viewer may take, this one first.
 * @returns null where the viewer may not choose
 */
export async function baselineChoice(actor: Actor, tenant: TenantName): Promise<BaselineChoice | null> {
  if (!canIn(tenant, "baseline:manage")) return null;
  const others = (await listMyTenantNames(actor, {})).filter(
    (other) => other.id !== tenant.id && canIn(other, "set:export"),
  );
  return {
    tenantId: tenant.id,
    tenants: [tenant, ...others].map(({ id, name }) => ({ id, name })),
  };
}
