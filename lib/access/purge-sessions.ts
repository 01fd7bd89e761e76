import { z } from "zod";
import { sessionKeptDays } from "#lib/limits";
import { platformOperation } from "#lib/operation";

/**
 * Removes sessions whose time was over `sessionKeptDays` days ago, whether they were ended before it or not, and passwords that
 * waited in vain for their code.
 * @returns how many sessions were removed
 */
export const purgeOldSessions = platformOperation({
  name: "session.purge",
  permission: "retention:apply",
  input: z.strictObject({}),
  output: z.int(),
  timeoutMs: 60_000,
  async run({ db }) {
    await db.$executeRaw`DELETE FROM pending_sign_ins WHERE expires_at <= now()`;
    return db.$executeRaw`DELETE FROM sessions WHERE ends_at < now() - ${sessionKeptDays} * interval '1 day'`;
  },
});
