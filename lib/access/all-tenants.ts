import { z } from "zod";
import { platformOperation } from "#lib/operation";
import { id } from "#lib/view-fields";
import { dispatcherActor } from "./actor.ts";

/** The ids of all tenants that are not archived, for the service's own sweeps over them. */
export const allTenantIds = platformOperation({
  name: "tenant.all_ids",
  permission: "dispatch:tick",
  input: z.strictObject({}),
  output: z.array(id),
  async run({ db }) {
    const tenants = await db.tenant.findMany({
      where: { archived_at: null },
      select: { id: true },
      orderBy: { id: "asc" },
    });
    return tenants.map((tenant) => tenant.id);
  },
});

/**
 * Does something for every tenant that is not archived, one after the other, until the signal. Trouble with one does not keep it
 * from the others.
 * @param failed what to say of trouble: "Old runs could not be removed everywhere"
 * @throws AggregateError with what went wrong, at the end
 */
export async function forEveryTenant(
  work: (tenantId: number) => Promise<unknown>,
  { signal, failed }: { signal?: AbortSignal | undefined; failed: string },
): Promise<void> {
  const errors: unknown[] = [];
  for (const tenantId of await allTenantIds(dispatcherActor, {})) {
    if (signal?.aborted) break;
    await work(tenantId).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw new AggregateError(errors, failed);
}

/**
 * {@link forEveryTenant} removes what is old, a transaction at a time.
 * @param purge removes some of a tenant's, and says whether there is more
 * @returns how much was removed
 * @throws AggregateError with what went wrong, at the end
 */
export async function purgeEveryTenant(
  purge: (tenantId: number) => Promise<{ removed: number; more: boolean }>,
  options: { signal?: AbortSignal | undefined; failed: string },
): Promise<number> {
  let removed = 0;
  await forEveryTenant(async (tenantId) => {
    for (let more = true; more && !options.signal?.aborted; ) {
      const purged = await purge(tenantId);
      removed += purged.removed;
      more = purged.more;
    }
  }, options);
  return removed;
}
