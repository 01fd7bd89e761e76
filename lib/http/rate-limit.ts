import { type Actor, callerKey } from "#lib/access/actor";
import { env } from "#lib/env";
import { AppError } from "#lib/errors";
import { TokenBuckets } from "./token-buckets.ts";

/** A third of a minute's requests may come at once: a script that lists everything, a page with many parts. */
const burstShare = 1 / 3;

// Next.js may load a module once for each route: the counts live outside of them.
const holder = globalThis as typeof globalThis & {
  tenantpilotRequests?: { perMinute: number; buckets: TokenBuckets };
};

function limits(perMinute: number): { capacity: number; buckets: TokenBuckets } {
  const capacity = Math.max(1, Math.floor(perMinute * burstShare));
  if (holder.tenantpilotRequests?.perMinute !== perMinute)
    holder.tenantpilotRequests = { perMinute, buckets: new TokenBuckets({ capacity, perMinute }) };
  return { capacity, buckets: holder.tenantpilotRequests.buckets };
}

/**
 * Counts a request of somebody's, in this process: a count in the database would cost every request a write, on the very
 * machine that it is to spare. So several web processes grant as many times as much.
 * @returns the headers that say what is left (draft-ietf-httpapi-ratelimit-headers); none when nothing is limited
 * @throws AppError RATE_LIMITED, whose answer says when to try again
 */
export function countRequest(actor: Actor): Record<string, string> {
  const perMinute = env().API_REQUESTS_PER_MINUTE;
  if (perMinute === 0) return {};
  const { capacity, buckets } = limits(perMinute);
  const { isAllowed, remaining, seconds } = buckets.take(callerKey(actor), performance.now());
  const headers = {
    "RateLimit-Policy": `"caller";q=${capacity};w=${Math.ceil((capacity / perMinute) * 60)}`,
    RateLimit: `"caller";r=${remaining};t=${seconds}`,
  };
  if (isAllowed) return headers;
  throw new AppError(
    "RATE_LIMITED",
    `More than ${perMinute} requests a minute came from you. Try again in ${seconds} s.`,
    { headers: { ...headers, "Retry-After": String(seconds) } },
  );
}
