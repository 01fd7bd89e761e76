import type { GraphError } from "./errors.ts";

/** How long one request is tried, beyond its first attempt. Times in milliseconds. */
export interface RetryPolicy {
  throttleRetries: number;
  throttleBaseMs: number;
  throttleCapMs: number;
  /** A request gives up when throttling made it wait longer than this altogether, or Graph asks for more. */
  throttleTotalMs: number;
  outageRetries: number;
  outageBaseMs: number;
  outageCapMs: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  throttleRetries: 12,
  throttleBaseMs: 1_000,
  throttleCapMs: 30_000,
  throttleTotalMs: 240_000,
  outageRetries: 5,
  outageBaseMs: 500,
  outageCapMs: 15_000,
};

/** What one request has been through. */
export interface Attempts {
  throttled: number;
  outages: number;
  renewals: number;
  /** Waited on the family's account because of throttling. */
  throttleWaitMs: number;
}

export function noAttempts(): Attempts {
  return { throttled: 0, outages: 0, renewals: 0, throttleWaitMs: 0 };
}

/** Exponential backoff with equal jitter: between half and the whole of `base · 2^step`, at most `cap`. */
export function backoff(step: number, baseMs: number, capMs: number, random: () => number): number {
  const full = Math.min(capMs, baseMs * 2 ** Math.min(step, 30));
  return full / 2 + (full / 2) * random();
}

/**
 * Counts a failure and says whether another attempt is worth it. A time-out costs two outages: it has already
 * taken its time.
 */
export function mayRetry(attempts: Attempts, error: GraphError, policy: RetryPolicy): boolean {
  if (!error.retryable) return false;
  if (error.code === "GRAPH_THROTTLE") {
    attempts.throttled += 1;
    attempts.throttleWaitMs += error.retryAfterMs ?? 0;
    return attempts.throttled <= policy.throttleRetries && attempts.throttleWaitMs <= policy.throttleTotalMs;
  }
  attempts.outages += error.timedOut ? 2 : 1;
  if ((error.retryAfterMs ?? 0) > policy.throttleTotalMs) return false;
  return attempts.outages <= policy.outageRetries;
}
