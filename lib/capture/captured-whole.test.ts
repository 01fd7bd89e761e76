import fc from "fast-check";
import { expect, test } from "vitest";
import { withWorld } from "#lib/testing/world";
import { type CaptureCounts, isCapturedWhole } from "./captured-whole.ts";

const world = withWorld({ policies: 1 });

const counts = fc.record<CaptureCounts>({
  skipped: fc.boolean(),
  listed: fc.boolean(),
  error_code: fc.constantFrom(null, null, "GRAPH_THROTTLE" as const),
  failed: fc.constantFrom(0, 0, 1),
  missing: fc.constantFrom(
    [],
    [{ graph_id: "x", display_name: null, error_code: "UNKNOWN", request_id: null }],
  ) as never,
  captured: fc.nat(2),
  gone: fc.nat(2),
  expected: fc.nat(3),
});
const whole: CaptureCounts = {
  skipped: false,
  listed: true,
  error_code: null,
  failed: 0,
  missing: [],
  captured: 3,
  gone: 1,
  expected: 4,
};

test("what counts as captured whole is the same to the service and to the database", async () => {
  const cases = [whole, ...fc.sample(counts, 2_000)];
  const { rows } = await world.admin.query<{ whole: boolean }>(
    "SELECT captured_whole(value) AS whole FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY ORDER BY ordinality",
    [JSON.stringify(cases)],
  );
  expect(rows.map((row) => row.whole)).toEqual(cases.map(isCapturedWhole));
  expect(rows.filter((row) => row.whole).length).toBeGreaterThan(5);
});

test("a type is captured whole only if each of its counts says so", async () => {
  expect(isCapturedWhole(whole)).toBe(true);
  for (const trouble of [
    { skipped: true },
    { listed: false },
    { error_code: "GRAPH_UNAVAILABLE" as const },
    { failed: 1 },
    { captured: 2 },
  ]) {
    expect(isCapturedWhole({ ...whole, ...trouble }), JSON.stringify(trouble)).toBe(false);
  }
  const { rows } = await world.admin.query(
    "SELECT captured_whole(NULL) AS absent, captured_whole('{}') AS empty",
  );
  expect(rows[0]).toEqual({ absent: false, empty: false });
});
