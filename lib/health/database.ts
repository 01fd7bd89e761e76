import type { Check } from "./check.ts";
import type { Found } from "./look.ts";

/**
 * Whether the database can be worked with.
 * @param found null when it does not answer
 */
export function judgeDatabase(found: Found | null): Check {
  if (!found) return { ok: false, message: "does not answer" };
  if (found.read_only === "standby")
    return { ok: false, message: "is a standby, which takes no changes: name the primary" };
  if (found.read_only === "setting")
    return { ok: false, message: "takes no changes: default_transaction_read_only is on" };
  return { ok: true, message: "answers" };
}
