import { expect, test } from "vitest";
import { afterPage, nothingRead } from "./sets-left.ts";

const page = (next: string | null) => ({ ok: true as const, data: [], next });
const failed = { ok: false as const, message: "The service did not answer." };

test("a page that could not be read is still to be read, and it is said why", () => {
  expect(afterPage(nothingRead, failed)).toEqual({ rest: { cursor: undefined }, problem: failed.message });
  const more = afterPage(nothingRead, page("31"));
  expect(more).toEqual({ rest: { cursor: "31" }, problem: null });
  const again = afterPage(more, failed);
  expect(again).toEqual({ rest: { cursor: "31" }, problem: failed.message });
  expect(afterPage(again, page(null))).toEqual({ rest: null, problem: null });
});
