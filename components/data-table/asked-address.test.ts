import { expect, test } from "vitest";
import { AskedAddress } from "./asked-address.ts";

const [schedule, status] = [{}, {}];

test("a filter that is chosen before the first one is there adds to it", () => {
  const asked = new AskedAddress();
  asked.ask(schedule, "/runs", "schedule=5");
  expect(asked.base("/runs", "")).toBe("schedule=5");
  asked.ask(status, "/runs", "schedule=5&status=failed");
  // The first one is over; the second one is not.
  asked.over(schedule);
  asked.arrived("/runs", "schedule=5");
  expect(asked.base("/runs", "schedule=5")).toBe("schedule=5&status=failed");
  expect(asked.base("/policies", "")).toBe("");
});

test("what is there is no base any more, also when who asked for it is gone: what was cleared stays cleared", () => {
  const asked = new AskedAddress();
  asked.ask(schedule, "/runs", "schedule=5");
  asked.arrived("/runs", "schedule=5");
  expect(asked.base("/runs", "")).toBe("");
});

test("nor is what was given up for another address", () => {
  const asked = new AskedAddress();
  asked.ask(schedule, "/runs", "schedule=5");
  asked.over(schedule);
  expect(asked.base("/runs", "")).toBe("");
});
