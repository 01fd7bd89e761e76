import { quantile } from "./figures.ts";

/** How long something took, over many times, in milliseconds. */
export interface Times {
  p50: number;
  p95: number;
}

/** Does something a number of times, one after the other, after five times that are not counted. */
export async function timesOf(count: number, work: () => Promise<unknown>): Promise<Times> {
  for (let round = 0; round < 5; round += 1) await work();
  const times: number[] = [];
  for (let round = 0; round < count; round += 1) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return { p50: quantile(times, 0.5), p95: quantile(times, 0.95) };
}
