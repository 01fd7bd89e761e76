import { describe, expect, test } from "vitest";
import { testTuning } from "#lib/testing/graph-server";
import { FamilyLimiter } from "./limiter.ts";

const signal = new AbortController().signal;

function setUp(requests: number, windowMs: number) {
  const { clock = undefined } = testTuning();
  if (!clock) throw new Error("the test tuning has a clock");
  return { clock, limiter: new FamilyLimiter({ requests, windowMs }, clock) };
}

describe("FamilyLimiter", () => {
  test("lets a whole budget through at once, and never more than it in any window", async () => {
    const { clock, limiter } = setUp(100, 1_000);
    const answered: number[] = [];
    for (let i = 0; i < 350; i++) {
      const permit = await limiter.acquire(1, signal);
      answered.push(clock.now());
      permit.release();
    }
    expect(answered[99]).toBe(0);
    answered.forEach((at, index) => {
      const before = answered[index - 100];
      if (before !== undefined) expect(at - before).toBeGreaterThanOrEqual(1_000);
    });
    expect(clock.now()).toBe(3_000);
  });

  test("counts a request until a window after its answer, not after it was sent", async () => {
    const { clock, limiter } = setUp(1, 1_000);
    const slow = await limiter.acquire(1, signal);
    await clock.sleep(5_000);
    let granted = false;
    const next = limiter.acquire(1, signal).then(() => {
      granted = true;
    });
    await clock.sleep(5_000);
    expect(granted).toBe(false);
    slow.release();
    await next;
    expect(clock.now()).toBe(11_000);
  });

  test("slows down when throttled, and recovers with good answers", async () => {
    const { clock, limiter } = setUp(100, 1_000);
    const timeOf = async (count: number) => {
      const start = clock.now();
      for (let i = 0; i < count; i++) (await limiter.acquire(1, signal)).release();
      return clock.now() - start;
    };
    for (let i = 0; i < 5; i++) {
      limiter.throttled(10);
      await clock.sleep(20);
    }
    await clock.sleep(1_000);
    expect(await timeOf(200)).toBeGreaterThanOrEqual(8_000);
    limiter.succeeded(500);
    await clock.sleep(10_000);
    expect(await timeOf(200)).toBe(1_000);
  });

  test("while most requests pass, a throttled one slows the family a little and stops nobody", async () => {
    const { clock, limiter } = setUp(100, 1_000);
    limiter.succeeded(60);
    for (let i = 0; i < 30; i++) {
      limiter.throttled(60_000);
      limiter.succeeded(2);
    }
    for (let i = 0; i < 99; i++) (await limiter.acquire(1, signal)).release();
    expect(clock.now()).toBe(0);
  });

  test("throttling of half of the requests never takes more than half of the budget", async () => {
    const { clock, limiter } = setUp(100, 1_000);
    limiter.succeeded(60);
    for (let i = 0; i < 500; i++) {
      limiter.succeeded(1);
      limiter.throttled(1_000);
    }
    for (let i = 0; i < 50; i++) (await limiter.acquire(1, signal)).release();
    expect(clock.now()).toBe(0);
  });

  test("when most are refused, all wait: the budget is spent, whatever passed before", async () => {
    const { clock, limiter } = setUp(100, 1_000);
    limiter.succeeded(60);
    for (let i = 0; i < 60; i++) limiter.throttled(7_000);
    await limiter.acquire(1, signal);
    expect(clock.now()).toBe(7_000);
  });

  test("of a budget of one request a second, every throttled request stops the family", async () => {
    const { clock, limiter } = setUp(1, 1_000);
    limiter.succeeded(60);
    limiter.throttled(5_000);
    await limiter.acquire(1, signal);
    expect(clock.now()).toBe(5_000);
  });

  test("serves in order, and forgets who gave up", async () => {
    const { limiter } = setUp(1, 1_000);
    const first = await limiter.acquire(1, signal);
    const giving = new AbortController();
    const order: string[] = [];
    const aborted = limiter.acquire(1, giving.signal).catch((reason) => order.push(String(reason)));
    const second = limiter.acquire(1, signal).then((permit) => {
      order.push("second");
      permit.release();
    });
    const third = limiter.acquire(1, signal).then(() => order.push("third"));
    giving.abort("gave up");
    first.release();
    await Promise.all([aborted, second, third]);
    expect(order).toEqual(["gave up", "second", "third"]);
  });

  test("takes back what a permit does not need", async () => {
    const { clock, limiter } = setUp(20, 1_000);
    const permit = await limiter.acquire(20, signal);
    permit.reduceTo(5);
    await limiter.acquire(15, signal);
    expect(clock.now()).toBe(0);
  });
});
