import { expect, test } from "vitest";
import { TokenBuckets } from "./token-buckets.ts";

test("a bucket gives what it holds at once, and then as fast as it fills", () => {
  const buckets = new TokenBuckets({ capacity: 3, perMinute: 60 });
  const take = (now: number) => buckets.take("a", now);
  expect(take(0)).toEqual({ isAllowed: true, remaining: 2, seconds: 1 });
  expect(take(0)).toEqual({ isAllowed: true, remaining: 1, seconds: 2 });
  expect(take(0)).toEqual({ isAllowed: true, remaining: 0, seconds: 3 });
  expect(take(0)).toEqual({ isAllowed: false, remaining: 0, seconds: 1 });
  expect(take(999)).toMatchObject({ isAllowed: false });
  expect(take(1_000)).toMatchObject({ isAllowed: true, remaining: 0 });
  expect(take(100_000)).toEqual({ isAllowed: true, remaining: 2, seconds: 1 });
});

test("everybody has a bucket of their own", () => {
  const buckets = new TokenBuckets({ capacity: 1, perMinute: 1 });
  expect(buckets.take("a", 0).isAllowed).toBe(true);
  expect(buckets.take("a", 0).isAllowed).toBe(false);
  expect(buckets.take("b", 0).isAllowed).toBe(true);
});

test("full buckets are forgotten, others are not", () => {
  const buckets = new TokenBuckets({ capacity: 1, perMinute: 60 });
  for (let caller = 0; caller < 10_000; caller++) buckets.take(String(caller), 0);
  expect(buckets.size).toBe(10_000);
  buckets.take("late", 1_000);
  expect(buckets.size).toBe(1);
  expect(buckets.take("late", 1_000).isAllowed).toBe(false);
});
