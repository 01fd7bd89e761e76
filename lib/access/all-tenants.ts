import { z } from "zod";
import { platformOperation } from "#lib/operation";
import { id } from "#lib/view-fields";

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
