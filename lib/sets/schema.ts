import type { z } from "zod";
import type { itemView, listedSetView, setDetailsView, setView, verifyResultView } from "./views.ts";

/** Days that a removed set stays in the bin, restorable, before it is purged. */
export const binDays = 7;

export const verifyStatuses = ["ok", "damaged"] as const;

export const faultProblems = [
  "snapshot_missing",
  "snapshot_damaged",
  "item_damaged",
  "item_missing",
  "set_damaged",
] as const;

/** Sets that are verified together at most. */
export const verifyTogether = 20;

/** Faults that a damaged set names at most; it counts all. */
export const maxNamedFaults = 500;

/** A backup set as API and pages show it. */
export type BackupSetView = z.infer<typeof setView>;

/** A backup set with what its neighbors, its run and the audit log know of it. */
export type ListedBackupSet = z.infer<typeof listedSetView>;

/** What a set's run found changed since the sets before it in its schedule. */
export type SetChanges = NonNullable<ListedBackupSet["changes"]>;

/** What a verification found. A damaged set names up to `maxNamedFaults` faults, and counts all. */
export type VerifyResult = z.infer<typeof verifyResultView>;

/** One thing that verification found wrong. What belongs to no single item has nulls in place of its names. */
export type VerifyFault = VerifyResult["faults"][number];

/** A backup set with its manifest: per policy type, what was asked for and what became of it. */
export type BackupSetDetails = z.infer<typeof setDetailsView>;

/** One policy or foundation in a set. */
export type BackupItemView = z.infer<typeof itemView>;
