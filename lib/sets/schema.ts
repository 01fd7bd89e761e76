import type { TypeSummary } from "#lib/capture/summary";

/** Days that a removed set stays in the bin, restorable, before it is purged. */
export const binDays = 7;

/** A backup set as API and pages show it. */
export interface BackupSetView {
  id: number;
  tenant_id: number;
  backup_schedule_id: number;
  schedule_name: string;
  run_id: number;
  status: "success" | "partial";
  item_count: number;
  bytes_logical: number;
  bytes_stored: number;
  manifest_sha256: string;
  created_at: string;
  pinned_at: string | null;
  /** When it went to the bin, from which it can be restored for `binDays`. */
  deleted_at: string | null;
  /** From when on it is purged for good; null for a set that is not in the bin. */
  purge_after: string | null;
  verified_at: string | null;
  /** What the newest verification found; null before the first. */
  verify_status: VerifyStatus | null;
}

/** What a set's run found changed since the set before it in its schedule. */
export interface SetChanges {
  added: number;
  changed: number;
  removed: number;
  unchanged: number;
}

/** A backup set with what its neighbours, its run and the audit log know of it. */
export interface ListedBackupSet extends BackupSetView {
  /** Its schedule was deleted; the set stays. */
  schedule_is_deleted: boolean;
  /** The kept set before it in its schedule: what it is compared with. */
  previous_set_id: number | null;
  /** Null when its run did not count them. */
  changes: SetChanges | null;
  /** The newest complete one of its schedule: neither retention nor a person removes it. */
  is_last_complete: boolean;
  /** Who moved it to the bin; null for one that is not there. */
  removed_by: { kind: "user" | "token" | "system"; name: string } | null;
}

export const verifyStatuses = ["ok", "damaged"] as const;
export type VerifyStatus = (typeof verifyStatuses)[number];

export const faultProblems = [
  "snapshot_missing",
  "snapshot_damaged",
  "item_damaged",
  "item_missing",
  "set_damaged",
] as const;

/** One thing that verification found wrong. What belongs to no single item has nulls in place of its names. */
export interface VerifyFault {
  problem: (typeof faultProblems)[number];
  /** What is wrong, for people. */
  message: string;
  item_id: number | null;
  policy_type: string | null;
  graph_id: string | null;
  display_name: string | null;
  sha256: string | null;
}

/** Sets that are verified together at most. */
export const verifyTogether = 20;

/** What a verification found. A damaged set names up to `maxNamedFaults` faults, and counts all. */
export interface VerifyResult {
  status: VerifyStatus;
  fault_count: number;
  faults: VerifyFault[];
  /** When a verification last found the set whole again after damage; null: never. */
  healed_at: string | null;
}

export const maxNamedFaults = 500;

/** A backup set with its manifest: per policy type, what was asked for and what became of it. */
export interface BackupSetDetails extends ListedBackupSet {
  types: Record<string, TypeSummary>;
  verify_result: VerifyResult | null;
}

/** One policy or foundation in a set. */
export interface BackupItemView {
  id: number;
  kind: "policy" | "foundation";
  policy_type: string;
  graph_id: string;
  display_name: string;
  sha256: string;
  /** Per child collection: what Graph announced (null: nothing) and what was captured. */
  children: Record<string, { announced: number | null; captured: number }>;
  /** What could not be captured inside an otherwise whole policy, such as an encrypted value. */
  notes: string[];
}
