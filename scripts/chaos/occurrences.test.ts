import { describe, expect, test } from "vitest";
import { accountFor, nominalTimes, occurrencesOf, overtakenEdits } from "./occurrences.ts";

const at = (iso: string) => Date.parse(iso);
const always = () => true;

test("nominal times keep the wall clock over a change to summer time", () => {
  const rule = { timezone: "Europe/Berlin", time_of_day: "02:30", days: null };
  const found = nominalTimes(rule, at("2031-03-28T12:00:00Z"), at("2031-03-31T12:00:00Z"));
  expect(found).toEqual(["2031-03-29T01:30:00Z", "2031-03-30T01:30:00Z", "2031-03-31T00:30:00Z"].map(at));
});

test("an occurrence belongs to the rule that is in force at its time, and a replaced one may just be dispatched", () => {
  const rules = [
    { since: at("2031-03-10T00:00:00Z"), timezone: "UTC", time_of_day: "02:30", days: null },
    { since: at("2031-03-11T02:29:59Z"), timezone: "UTC", time_of_day: "01:00", days: null },
  ];
  expect(occurrencesOf(rules, at("2031-03-12T02:00:00Z"))).toEqual(
    ["2031-03-10T02:30:00Z", "2031-03-12T01:00:00Z"].map(at),
  );
  expect([...overtakenEdits(rules)]).toEqual([at("2031-03-11T02:30:00Z")]);
});

describe("accounts", () => {
  const row = (nominal: number, missed = 0) => ({ nominal, missed });

  test("tell occurrences that were dispatched, merged, lost, doubled and invented", () => {
    expect(accountFor([1, 2, 3], [row(1), row(2), row(3)], always)).toEqual({
      expected: 3,
      merged: 0,
      lost: 0,
      double: 0,
      invented: 0,
    });
    expect(accountFor([1, 2, 3], [row(1), row(3, 1)], always)).toMatchObject({ merged: 1, lost: 0 });
    expect(accountFor([1, 2, 3], [row(1), row(3)], always)).toMatchObject({ lost: 1 });
    expect(accountFor([1, 2, 3], [row(1), row(2)], always)).toMatchObject({ lost: 1 });
    expect(accountFor([1, 2], [row(1), row(1), row(2)], always)).toMatchObject({ double: 1 });
    expect(accountFor([1, 2], [row(1), row(2, 1)], always)).toMatchObject({ double: 1 });
    expect(accountFor([1], [row(1), row(7)], always)).toMatchObject({ invented: 1 });
  });

  test("do not count what is not due yet", () => {
    expect(accountFor([1, 2], [row(1)], (nominal) => nominal < 2)).toMatchObject({ expected: 1, lost: 0 });
  });
});
