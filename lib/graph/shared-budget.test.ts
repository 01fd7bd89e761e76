import { expect, test } from "vitest";
import { GraphLimits } from "#sandbox/limits";
import type { Clock } from "./clock.ts";
import { familyBudgets } from "./families.ts";
import { LimiterRegistry } from "./limiter.ts";

/** Worker processes that send as much as they may to one tenant, against the limits that the sandbox enforces. */

const connection = {
  graphUrl: "https://graph.example",
  entraTenantId: "11111111-1111-4111-8111-111111111111",
};
const signal = new AbortController().signal;

/** A clock for several who sleep at once: it goes on to the next one's time when nobody has anything left to do. */
function commonClock(): Clock {
  let now = 0;
  let turning = false;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  const turn = () => {
    const [next] = [...sleepers].sort((one, other) => one.at - other.at);
    turning = next !== undefined;
    if (!next) return;
    now = Math.max(now, next.at);
    sleepers.delete(next);
    next.wake();
    setImmediate(turn);
  };
  return {
    now: () => now,
    sleep: (ms, aborted) =>
      new Promise((resolve, reject) => {
        const sleeper = { at: now + ms, wake: resolve };
        sleepers.add(sleeper);
        aborted?.addEventListener("abort", () => {
          sleepers.delete(sleeper);
          reject(aborted.reason);
        });
        if (!turning) setImmediate(turn);
        turning = true;
      }),
  };
}

/**
 * What two processes send in two minutes.
 * @param know whether they know of each other
 */
async function send(
  family: "intune" | "conditionalAccess" | "auditLogs",
  know: boolean,
): Promise<{ sent: number; refused: number }> {
  const clock = commonClock();
  const limits = new GraphLimits();
  const registries = [new LimiterRegistry(clock), new LimiterRegistry(clock)];
  const total = { sent: 0, refused: 0 };
  const work = async (registry: LimiterRegistry) => {
    const processes = know ? registries.map((each) => each.process).sort() : [registry.process];
    registry.join(connection, { processes, at: clock.now() + 1_234_567 });
    const limiter = registry.limiterOf(connection, family);
    while (clock.now() < 120_000) {
      const permit = await limiter.acquire(1, signal);
      const refusal = limits.admit(family, connection.entraTenantId, "app", "", clock.now());
      total.sent += 1;
      await clock.sleep(1);
      if (refusal) {
        total.refused += 1;
        limiter.throttled((refusal.retryAfter ?? 1) * 1_000);
      } else limiter.succeeded(1);
      permit.release();
    }
  };
  await Promise.all(registries.map(work));
  return total;
}

test.each([
  ["intune", 0.9],
  // Five cannot be halved.
  ["auditLogs", 0.7],
  // In turn: a turn's first window is for what was sent last in the one before.
  ["conditionalAccess", 0.7],
] as const)("two processes keep within the budget of %s together, and use it", async (family, least) => {
  expect((await send(family, false)).refused).toBeGreaterThan(0);
  const { sent, refused } = await send(family, true);
  expect(refused).toBe(0);
  const { requests, windowMs } = familyBudgets[family];
  expect(sent).toBeGreaterThan(least * requests * (120_000 / windowMs));
});

test("a part of the budget grows when another process leaves, and is whole when nobody else is there", () => {
  const registry = new LimiterRegistry(commonClock());
  const limiter = registry.limiterOf(connection, "intune");
  const among = (others: number) => ({
    processes: [registry.process, ...Array.from({ length: others }, (_, n) => `other ${n}`)],
    at: 0,
  });
  registry.join(connection, among(0));
  registry.join(connection, among(1));
  expect(limiter.largestCost).toBe(500);
  registry.share(connection, among(3));
  expect(limiter.largestCost).toBe(250);
  registry.leave(connection);
  expect(limiter.largestCost).toBe(250);
  registry.share(connection, among(0));
  expect(limiter.largestCost).toBe(1_000);
  registry.share(connection, among(1));
  registry.leave(connection);
  expect(limiter.largestCost).toBe(1_000);
});
