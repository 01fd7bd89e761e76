import { expect } from "vitest";
import { dispatcherActor } from "#lib/access/actor";
import { findWork, type Work } from "#lib/schedules/find-work";

/**
 * Does one of a tick's duties, and holds the tick's own look against it: where the duty finds something, the tick must
 * have known that it is to be done.
 * @param work how many it found, or how many of each kind
 */
export async function lookedAfter<T extends number | Record<string, number>>(
  duty: keyof Work,
  work: () => Promise<T>,
): Promise<T> {
  const known = await findWork(dispatcherActor, {});
  const found = await work();
  const count = typeof found === "number" ? found : Object.values(found).reduce((sum, each) => sum + each, 0);
  if (count > 0) expect(known[duty], `a tick would not have looked after ${duty}`).toBe(true);
  return found;
}
