import { findType } from "#lib/policies/catalog";
import type { RunErrorCode } from "#lib/run-error-codes";
import type { RunProgress } from "#lib/runs/schema";

/** What of a type both an active run's progress and an ended run's summary know. */
export interface TypeRow {
  key: string;
  label: string;
  kind: "policy" | "foundation";
  expected: number;
  captured: number;
  failed: number;
  gone: number | null;
  skipped: boolean;
  /** The list was read to its end; null while it is being read. */
  listed: boolean | null;
  error: RunErrorCode | null;
}

/** The rows of a run that is active. A type that is done says what one of an ended run does, also when there is none of it. */
export function progressRows({ types }: RunProgress): TypeRow[] {
  return Object.entries(types).map(([key, { kind, expected, captured, failed, done, listed = true }]) => ({
    key,
    label: labelOf(key),
    kind,
    expected,
    captured,
    failed,
    gone: null,
    skipped: false,
    listed: done ? listed : null,
    error: null,
  }));
}

/** `All 5`, `3 of 5`, `None in this tenant`, `Waiting`: how far a type is, or has come. */
export function doneWords({ expected, captured, failed, gone, listed, error }: TypeRow): string {
  if (listed === null)
    return expected === 0 ? "Waiting" : `${captured + failed + (gone ?? 0)} of ${expected}`;
  if (!listed) return expected === 0 ? "Could not be listed" : `${captured} of at least ${expected}`;
  if (failed > 0 || error) return `${captured} of ${expected}`;
  return expected === 0 ? "None in this tenant" : `All ${expected}`;
}

/** The type's name; its key where this version does not know it. */
export function labelOf(key: string): string {
  return findType(key)?.label ?? key;
}
