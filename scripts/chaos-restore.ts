// `npm run chaos:restore -- [--kills 50] [--policies 200]`: kills the worker of a restore, and crashes its PostgreSQL, at so
// many moments by chance, and counts what was lost, made twice, or is not as the restore says.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    policies: { type: "string", default: "200" },
  },
});
const { status } = spawnSync("npx", ["vitest", "run", "worker/restore-chaos.test.ts", "--reporter=default"], {
  stdio: "inherit",
  env: {
    ...process.env,
    RESTORE_CHAOS_KILLS: values.kills,
    RESTORE_CHAOS_POLICIES: values.policies,
  },
});
process.exitCode = status ?? 1;
