import { z } from "zod";
import type { Actor } from "#lib/access/actor";
import { AppError } from "#lib/errors";
import { platformOperation } from "#lib/operation";

const clear = platformOperation({
  name: "retention.clear_staging",
  permission: "dispatch:tick",
  input: z.strictObject({}),
  output: z.boolean(),
  async run({ db }) {
    await db.$executeRaw`LOCK TABLE staged_items, staged_seen IN ACCESS EXCLUSIVE MODE NOWAIT`;
    const [staged] = await db.$queryRaw<{ any: boolean }[]>`
      SELECT EXISTS (SELECT FROM staged_items) OR EXISTS (SELECT FROM staged_seen) AS any`;
    if (staged?.any !== false) return false;
    await db.$executeRaw`TRUNCATE staged_items, staged_seen`;
    return true;
  },
});

/**
 * Gives back the room that staged items took, when there are none: vacuum leaves the indexes as large as the largest night
 * made them. Nobody waits for it: where a run is at work, another day does.
 * @returns whether it was cleared
 */
export async function clearStaging(actor: Actor): Promise<boolean> {
  return clear(actor, {}).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "UNAVAILABLE") return false;
    throw error;
  });
}
