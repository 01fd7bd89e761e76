import fc from "fast-check";
import { expect, test } from "vitest";
import { axisEnd } from "./bar-chart.tsx";

test.each([
  [0, 1],
  [1, 2],
  [3, 4],
  [7, 8],
  [10, 10],
  [11, 12],
  [99, 100],
  [1234, 1600],
  [48_000, 50_000],
])("up to %d the axis ends at %d", (largest, end) => {
  expect(axisEnd(largest)).toBe(end);
});

test("the axis holds every number, and no more than twice of it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (largest) => {
      const end = axisEnd(largest);
      expect(end).toBeGreaterThanOrEqual(largest);
      expect(end).toBeLessThanOrEqual(2 * largest);
    }),
  );
});
