import { z } from "zod";
import { notifyLive } from "#lib/live/notify";
import { platformOperation } from "#lib/operation";
import { tellDrift } from "./tell.ts";

/** So many tenants one transaction looks at; the next tick goes on. */
const most = 100;

/**
 * Makes accepted differences new again whose time is over, of all tenants, and tells of them.
 * @returns how many are new again
 */
export const endAcceptances = platformOperation({
  name: "drift.end_acceptances",
  permission: "dispatch:tick",
  input: z.strictObject({}),
  output: z.int(),
  async run({ db }) {
    const ended = await db.$queryRaw<{ tenant_id: number }[]>`
      UPDATE drifts SET state = 'new', renewed = 'expired', version = version + 1
      WHERE gone_at IS NULL AND state = 'accepted' AND accepted_until <= now() AND tenant_id IN (
        SELECT DISTINCT tenant_id FROM drifts
        WHERE gone_at IS NULL AND state = 'accepted' AND accepted_until <= now() LIMIT ${most})
      RETURNING tenant_id`;
    const tenants = [...new Set(ended.map(({ tenant_id }) => tenant_id))].sort((a, b) => a - b);
    for (const tenant_id of tenants) await tellDrift(db, tenant_id);
    await notifyLive(
      db,
      tenants.map((tenant_id) => ({ tenant_id, topic: "drift", id: null })),
    );
    return ended.length;
  },
});
