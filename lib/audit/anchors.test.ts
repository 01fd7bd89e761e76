import { expect, test } from "vitest";
import { anchorsIn, parseAnchor } from "./anchors.ts";
import { csvHead, csvLine } from "./csv.ts";

const hash = "ab".repeat(32);
const entry = {
  id: 7,
  at: "2026-11-24T02:30:00.000Z",
  actor_kind: "user",
  actor_id: 3,
  actor_name: "Ana",
  action: "run.requested",
  target_kind: "run",
  target_id: 9,
  target_name: null,
  target_exists: true,
  details: {},
  address: null,
  request_id: null,
  sequence: 5,
  hash,
} as const;

async function found(lines: readonly string[], chain: number | null) {
  const anchors = [];
  for await (const anchor of anchorsIn(
    (async function* () {
      yield* lines;
    })(),
    chain,
  ))
    anchors.push(anchor);
  return anchors;
}

test("anchors are read from the service's log, whatever stands in front of a line", async () => {
  const line = (tenant: number | null) =>
    JSON.stringify({ level: 30, audit_anchor: { tenant, sequence: 12, hash }, msg: "audit log: anchor" });
  expect(
    await found([`Nov 24 web[1]: ${line(2)}`, line(null), '{"msg":"other"}', "{broken", ""], null),
  ).toEqual([
    { chain: 2, sequence: "12", hash },
    { chain: 0, sequence: "12", hash },
  ]);
});

test("anchors are read from exports, both kinds, when their tenant is said", async () => {
  const json = ["[", `${JSON.stringify(entry)},`, JSON.stringify({ ...entry, sequence: 4 }), "]"];
  expect(await found(json, 3)).toEqual([
    { chain: 3, sequence: "5", hash },
    { chain: 3, sequence: "4", hash },
  ]);
  expect(
    await found(
      [csvHead, csvLine(entry)].map((line) => line.trimEnd()),
      3,
    ),
  ).toEqual([{ chain: 3, sequence: "5", hash }]);
  expect(await found(json, null)).toEqual([]);
});

test.each([
  [`5:${hash}`, 3, { chain: 3, sequence: "5", hash }],
  [`5:${hash.toUpperCase()}`, 3, { chain: 3, sequence: "5", hash }],
  [`2:5:${hash}`, null, { chain: 2, sequence: "5", hash }],
  [`platform:5:${hash}`, null, { chain: 0, sequence: "5", hash }],
  [`5:${hash}`, null, null],
  [`0:${hash}`, 3, null],
  ["5:abc", 3, null],
  [hash, 3, null],
  [`1:2:5:${hash}`, 3, null],
])("an anchor by hand: %s", (text, chain, anchor) => {
  expect(parseAnchor(text, chain)).toEqual(anchor);
});
