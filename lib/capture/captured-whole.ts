import { Prisma } from "#lib/db/generated/client";
import type { TypeSummary } from "./summary.ts";

/** What tells whether a type was captured whole. */
export type CaptureCounts = Pick<
  TypeSummary,
  "skipped" | "listed" | "error_code" | "failed" | "missing" | "captured" | "gone" | "expected"
>;

/**
 * Everything that the tenant has of a policy type was captured, and that is known. Only then does a policy's absence
 * from a set mean that it was not there: what could not be read has not been removed.
 */
export function isCapturedWhole(type: CaptureCounts): boolean {
  return (
    !type.skipped &&
    type.listed &&
    type.error_code === null &&
    type.failed === 0 &&
    type.missing.length === 0 &&
    type.captured + type.gone === type.expected
  );
}

/** The types of a set's manifest, or of a run, that were captured whole. */
export function typesCapturedWhole(types: Readonly<Record<string, CaptureCounts>>): string[] {
  return Object.entries(types)
    .filter(([, type]) => isCapturedWhole(type))
    .map(([key]) => key);
}

/**
 * The same in SQL: whether a set's manifest says that a policy type was captured whole (migration "set_rules").
 * @param manifest the set's manifest
 * @param policyType the type's key
 */
export function capturedWhole(manifest: Prisma.Sql, policyType: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`captured_whole(${manifest} -> 'types' -> ${policyType})`;
}
