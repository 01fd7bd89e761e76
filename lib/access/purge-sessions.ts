import { z } from "zod";
import { sessionKeptDays } from "#lib/limits";
import { platformOperation } from "#lib/operation";

/**
 * Removes sessions whose time was over `sessionKeptDays` days ago, whether they were ended before it or not.
 * @returns how many were removed
 */
export const purgeOldSessions = platformOperation({
  name: "session.purge",
  permission: "retention:apply",
  input: z.strictObject({}),
  output: z.int(),
  timeoutMs: 60_000,
  run: ({ db }) =>
    db.$executeRaw`DELETE FROM sessions WHERE ends_at < now() - ${sessionKeptDays} * interval '1 day'`,
});
