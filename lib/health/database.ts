import { poolUse } from "#lib/metrics";
import type { Check } from "./check.ts";
import type { Found } from "./look.ts";

/**
 * Whether the database can be worked with.
 * @param found null when it does not answer
 */
export function judgeDatabase(found: Found | null): Check {
  if (!found) return { ok: false, message: `does not answer${whyNot()}` };
  if (found.read_only === "standby")
    return { ok: false, message: "is a standby, which takes no changes: name the primary" };
  if (found.read_only === "setting")
    return { ok: false, message: "takes no changes: default_transaction_read_only is on" };
  return { ok: true, message: "answers" };
}

/** A process that has no connection left asks nothing, and knows nothing of the database. */
function whyNot(): string {
  const use = poolUse();
  return use && use.in_use >= use.size ? `: every connection of this process is in use (${use.size})` : "";
}
