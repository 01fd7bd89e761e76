import type { RunSummary } from "#lib/capture/summary";
import { findType } from "#lib/policies/catalog";
import type { RunErrorCode } from "#lib/run-error-codes";

/** One error code of a run, and where it was met. */
export interface RunErrorGroup {
  code: RunErrorCode;
  /** What the run itself says, when no policy type says more. */
  message: string | null;
  types: { key: string; label: string; message: string | null; request_id: string | null }[];
}

/** The errors of an ended run by code: the run's own first, then as its policy types have them. */
export function runErrors(run: {
  error_code: RunErrorCode | null;
  error_message: string | null;
  summary: RunSummary;
}): RunErrorGroup[] {
  const groups = new Map<RunErrorCode, RunErrorGroup>();
  const groupOf = (code: RunErrorCode) => {
    const group = groups.get(code) ?? { code, message: null, types: [] };
    groups.set(code, group);
    return group;
  };
  if (run.error_code) groupOf(run.error_code);
  for (const [key, type] of Object.entries({ ...run.summary.types, ...run.summary.foundations })) {
    if (!type.error_code) continue;
    const label = findType(key)?.label ?? key;
    groupOf(type.error_code).types.push({
      key,
      label,
      message: type.error_message,
      request_id: type.request_id,
    });
  }
  const own = run.error_code ? groups.get(run.error_code) : undefined;
  if (own && own.types.length === 0) own.message = run.error_message;
  return [...groups.values()];
}
