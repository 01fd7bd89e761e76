import type { TypeSummary } from "#lib/capture/summary";

/** What a run says of a policy type of which it captured all. */
export function wholeType(count: number): TypeSummary {
  return {
    kind: "policy",
    listed: true,
    expected: count,
    captured: count,
    gone: 0,
    failed: 0,
    skipped: false,
    error_code: null,
    error_message: null,
    request_id: null,
    missing: [],
  };
}
