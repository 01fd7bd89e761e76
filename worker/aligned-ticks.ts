import { isUnreachable } from "#lib/db/transaction";
import { log } from "#lib/log";
import { tick } from "#lib/schedules/tick";

/**
 * Ticks right at each minute, so that a due run starts within a second of its time. The queue's own minute
 * schedule does the same a few seconds later, cluster-wide, should every timer here be late or lost; both may
 * tick at once, since a tick claims with SKIP LOCKED. The database's clock decides what is due, so a tick that
 * comes too early for it finds nothing, and the next one finds all.
 */
export function startAlignedTicks(signal: AbortSignal): { stopped: Promise<void>; lastAt(): Date | null } {
  let last: Date | null = null;
  const stopped = (async () => {
    while (!signal.aborted) {
      await untilNextMinute(signal);
      if (signal.aborted) return;
      try {
        const result = await tick({}, signal);
        last = new Date();
        if (result.claimed + result.lost > 0) log.info(result, "tick");
      } catch (error) {
        if (isUnreachable(error))
          log.warn("tick: the database cannot be reached; the next minute tries again");
        else log.error({ err: error }, "tick failed");
      }
    }
  })();
  return { stopped, lastAt: () => last };
}

/** Waits for the next full minute and a little more, so that clocks a few milliseconds apart agree. */
function untilNextMinute(signal: AbortSignal): Promise<void> {
  const wait = 60_000 - (Date.now() % 60_000) + 50;
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, wait);
    signal.addEventListener("abort", done, { once: true });
  });
}
