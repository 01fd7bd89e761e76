import { expect, it } from "vitest";
import { readable } from "./log-lines.ts";

it("turns a line of the worker's log into words", () => {
  const line = JSON.stringify({
    level: 50,
    time: Date.UTC(2026, 10, 23, 3, 4, 5),
    run_id: 7,
    err: { message: "ECONNREFUSED" },
    msg: "run failed",
  });
  expect(readable(line)).toBe("03:04:05 error run failed ECONNREFUSED run_id=7");
});

it.each(["plain words", '{"level":30,"half', '{"other":"json"}'])("leaves %j alone", (line) => {
  expect(readable(line)).toBe(line);
});
