import { expect, it } from "vitest";
import { readable } from "./log-lines.ts";

it.each([
  ["error", "2026-11-23T03:04:05.678Z"],
  [50, Date.UTC(2026, 10, 23, 3, 4, 5)],
])("turns a line of the worker's log into words (%j, %j)", (level, time) => {
  const line = JSON.stringify({
    level,
    time,
    run_id: 7,
    err: { message: "ECONNREFUSED" },
    msg: "run failed",
  });
  expect(readable(line)).toBe("03:04:05 error run failed ECONNREFUSED run_id=7");
});

it.each(["plain words", '{"level":30,"half', '{"other":"json"}'])("says that %j is no record", (line) => {
  expect(readable(line)).toBe(`(not a record) ${line}`);
});

it.each(["\n16:59:46 run deleted by owner", "\r\u001b[2K", "\u2028x", "\u202egnihton"])(
  "keeps %j, which came with a request, on its line",
  (words) => {
    const shown = readable(
      JSON.stringify({ level: 40, time: 0, url: words, err: { message: words }, msg: words }),
    );
    expect(shown).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
    expect(shown.match(/\\u[0-9a-f]{4}/g)?.length).toBeGreaterThanOrEqual(2);
    expect(readable(words)).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
  },
);
