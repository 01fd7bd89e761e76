import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runErrorCodes } from "#lib/run-error-codes";
import { runOutcome } from "./outcome.ts";
import { type TypeOutcome, unknownTypeOutcome } from "./type-tally.ts";

function typeOutcome(more: Partial<TypeOutcome> = {}): TypeOutcome {
  return {
    policy_type: "namedLocation",
    kind: "policy",
    expected: 2,
    captured: 2,
    gone: 0,
    failed: 0,
    skipped: false,
    listed: true,
    error_code: null,
    error_message: null,
    request_id: null,
    missing: [],
    ...more,
  };
}

const broken = (error_code: TypeOutcome["error_code"], more: Partial<TypeOutcome> = {}) =>
  typeOutcome({
    policy_type: "mobileApp",
    expected: 0,
    captured: 0,
    listed: false,
    error_code,
    error_message: `because ${error_code}`,
    ...more,
  });

describe("runOutcome", () => {
  test.each<[string, TypeOutcome[], Partial<ReturnType<typeof runOutcome>>]>([
    ["everything captured", [typeOutcome()], { status: "success", error_code: null, retryable: false }],
    ["an empty tenant", [typeOutcome({ expected: 0, captured: 0 })], { status: "success" }],
    ["a deletion meanwhile", [typeOutcome({ captured: 1, gone: 1 })], { status: "success" }],
    [
      "one item short",
      [typeOutcome({ captured: 1, failed: 1, error_code: "INCOMPLETE_CAPTURE" })],
      { status: "partial", error_code: "INCOMPLETE_CAPTURE", retryable: false },
    ],
    [
      "one type forbidden",
      [typeOutcome(), broken("PERMISSION_MISSING")],
      { status: "partial", error_code: "PERMISSION_MISSING", retryable: false },
    ],
    [
      "an unavailable type",
      [typeOutcome(), broken("TYPE_UNAVAILABLE")],
      { status: "partial", retryable: false },
    ],
    [
      "nothing there at all",
      [broken("TYPE_UNAVAILABLE")],
      { status: "failed", error_code: "TYPE_UNAVAILABLE" },
    ],
    [
      "throttled beside forbidden: another attempt helps the one",
      [typeOutcome(), broken("PERMISSION_MISSING"), broken("GRAPH_THROTTLE")],
      { status: "partial", error_code: "GRAPH_THROTTLE", retryable: true },
    ],
    ["Graph down", [broken("GRAPH_UNAVAILABLE")], { status: "failed", retryable: true }],
    [
      "credential refused in the middle",
      [typeOutcome(), broken("GRAPH_UNAVAILABLE"), broken("AUTH_CONFIG")],
      { status: "partial", error_code: "AUTH_CONFIG", retryable: false },
    ],
    [
      "token refused",
      [broken("TOKEN_EXPIRED")],
      { status: "failed", error_code: "TOKEN_EXPIRED", retryable: false },
    ],
    [
      "an unknown type beside a known one",
      [typeOutcome(), unknownTypeOutcome("nonsense")],
      { status: "partial", error_code: "UNKNOWN_POLICY_TYPE" },
    ],
    [
      "only unknown types",
      [unknownTypeOutcome("nonsense")],
      { status: "skipped", error_code: "UNKNOWN_POLICY_TYPE" },
    ],
    ["nothing asked for", [], { status: "skipped", error_code: null }],
    [
      "a list whose end was not seen",
      [typeOutcome({ listed: false })],
      { status: "partial", error_code: "INCOMPLETE_CAPTURE" },
    ],
    [
      "counts that do not add up",
      [typeOutcome({ captured: 1 })],
      { status: "partial", error_code: "INCOMPLETE_CAPTURE" },
    ],
  ])("%s", (_, outcomes, expected) => {
    expect(runOutcome(outcomes)).toMatchObject(expected);
  });

  test("the message names types and reasons, and stays short", () => {
    const { error_message } = runOutcome([
      typeOutcome(),
      broken("PERMISSION_MISSING"),
      broken("TYPE_UNAVAILABLE", { policy_type: "policySet" }),
    ]);
    expect(error_message).toBe(
      "Apps (metadata): because PERMISSION_MISSING Policy sets: because TYPE_UNAVAILABLE",
    );
    const all = ["mobileApp", "policySet", "namedLocation"].map((policy_type) =>
      broken("GRAPH_UNAVAILABLE", { policy_type }),
    );
    expect(runOutcome(all).error_message).toBe("because GRAPH_UNAVAILABLE (3 of 3 types)");
  });

  test("success is claimed only when the counts prove it, whatever comes", () => {
    const count = fc.nat({ max: 3 });
    const arbitrary = fc.record({
      expected: count,
      captured: count,
      gone: count,
      failed: count,
      skipped: fc.boolean(),
      listed: fc.boolean(),
      error_code: fc.constantFrom(null, ...runErrorCodes),
    });
    fc.assert(
      fc.property(fc.array(arbitrary, { maxLength: 4 }), (list) => {
        const outcomes = list.map((more) => typeOutcome(more));
        const { status, error_code, retryable } = runOutcome(outcomes);
        const proven = outcomes.every(
          (one) =>
            !one.skipped &&
            one.listed &&
            one.error_code === null &&
            one.failed === 0 &&
            one.captured + one.gone === one.expected,
        );
        expect(status === "success").toBe(outcomes.length > 0 && proven);
        expect(error_code === null).toBe(status === "success" || outcomes.length === 0);
        if (retryable) expect(["partial", "failed"]).toContain(status);
        if (status === "failed")
          expect(outcomes.every((one) => one.skipped || one.captured === 0)).toBe(true);
      }),
    );
  });
});
