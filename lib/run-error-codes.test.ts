import { expect, test } from "vitest";
import { weightier } from "./capture/type-tally.ts";
import { GraphError } from "./graph/errors.ts";
import { type RunErrorCode, runErrorCodes, runErrors } from "./run-error-codes.ts";

const ranked = runErrorCodes.toSorted((a, b) => runErrors[a].rank - runErrors[b].rank);

test("no two codes have the same rank, so that which speaks for both does not depend on their order", () => {
  expect(ranked.map((code) => runErrors[code].rank)).toEqual(ranked.map((_, index) => index + 1));
});

test("what stops everything speaks first, then what may pass, then the rest", () => {
  const groups = ranked.map((code) => runErrors[code].again);
  const order = ["refused", "helps", "useless"];
  expect(groups).toEqual(groups.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
});

test("of any two codes the one of lower rank is the weightier, in either order, and a code more than none", () => {
  const of = (error_code: RunErrorCode | null) => ({ error_code });
  for (const [index, code] of ranked.entries()) {
    expect(weightier(of(null), of(code)).error_code).toBe(code);
    for (const other of ranked.slice(index + 1)) {
      expect(weightier(of(other), of(code)).error_code).toBe(code);
      expect(weightier(of(code), of(other)).error_code).toBe(code);
    }
  }
});

test("a run's own code is none that Graph can give", () => {
  const own: RunErrorCode = "WORKER_LOST";
  // @ts-expect-error: Graph knows nothing of our workers
  expect(new GraphError(own, "")).toBeInstanceOf(Error);
  expect(new GraphError("AUTH_CONFIG", "").fatal).toBe(true);
  expect(new GraphError("GRAPH_THROTTLE", "").fatal).toBe(false);
});
