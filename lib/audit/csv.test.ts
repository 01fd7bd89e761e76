import { expect, test } from "vitest";
import { csvCell, csvHead, csvLine } from "./csv.ts";

test.each([
  ["=1+1", "'=1+1"],
  ["+49 30 1234", "'+49 30 1234"],
  ["-2", "'-2"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1", "'\t=1"],
  ["\r=1", "'\r=1"],
  [" =1", "' =1"],
  ["\u200B=1", "'\u200B=1"],
  ["＝1", "'＝1"],
])("text that a spreadsheet would run, %j, is only text", (value, harmless) => {
  const cell = csvCell(value);
  const text = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
  expect(text).toBe(harmless);
});

test("quotes, commas and line breaks stay within their cell (RFC 4180)", () => {
  expect(csvCell('Say "hi", twice')).toBe('"Say ""hi"", twice"');
  expect(csvCell("two\nlines")).toBe('"two\nlines"');
  expect(csvCell("plain")).toBe("plain");
  expect(csvCell(17)).toBe("17");
  expect(csvCell(null)).toBe("");
});

test("a line has a cell for each column of the head, the details as JSON", () => {
  const line = csvLine({
    id: 7,
    at: "2026-11-24T02:30:00.000Z",
    actor_kind: "user",
    actor_id: 3,
    actor_name: "Ana",
    action: "run.requested",
    target_kind: "run",
    target_id: 9,
    target_name: "=cmd",
    target_exists: true,
    details: { schedule_name: "=cmd", schedule_id: 2 },
    address: "2001:db8::1",
    request_id: null,
    sequence: 5,
    hash: "ab".repeat(32),
  });
  expect(csvHead).toBe(
    "\u{FEFF}id,at,actor_kind,actor_id,actor_name,action,target_kind,target_id,target_name,details,address,request_id,sequence,hash\r\n",
  );
  expect(line).toBe(
    `7,2026-11-24T02:30:00.000Z,user,3,Ana,run.requested,run,9,"'=cmd","{""schedule_name"":""=cmd"",""schedule_id"":2}",2001:db8::1,,5,${"ab".repeat(32)}\r\n`,
  );
});
