import { expect, test } from "vitest";
import { chosenKey } from "./restore-start.ts";
import { without } from "./use-chosen.ts";

const policy = (graph_id: string) => ({
  policy_type: "deviceCompliancePolicy",
  graph_id,
  display_name: graph_id,
});

test("who takes back the choice of a page keeps what they chose on the others", () => {
  const [first, second, third] = ["a", "b", "c"].map(policy);
  if (!first || !second || !third) throw new Error("too few");
  const chosen = new Map([first, second].map((each) => [chosenKey(each), each]));
  expect([...without(chosen, [second, third]).values()]).toEqual([first]);
});
