import type { WordChange } from "#lib/words/differences";
import type { PolicyWords } from "#lib/words/schema";

/** What the first page of a documentation says. */
export interface Cover {
  tenant: string;
  schedule: string;
  set_id: number;
  /** When the set was made, and this was written, in words in the zone that was asked for. */
  made: string;
  written: string;
  /** Policies and foundations in the set. */
  items: number;
  /** How many of them are told. */
  told: number;
  is_complete: boolean;
  /** What is missing of the set, one sentence each. */
  missing: readonly string[];
  /** Which of the set's items are told, in words; null for all of them. */
  selection: string | null;
  manifest_sha256: string;
  /** The set that changes are told since; null when none was asked for. */
  since: { set_id: number; made: string } | null;
}

/** `40`, or where some of the set are told, `3 of 40`. */
export function toldCount({ items, told, selection }: Cover): string {
  return selection === null ? String(items) : `${told} of ${items}`;
}

/** A policy as the contents list it. */
export interface Entry {
  /** Where it stands, from 1. */
  number: number;
  type: string;
  name: string;
}

/** A policy as it is told. */
export interface DocumentedPolicy extends Entry {
  graph_id: string;
  sha256: string;
  /** Null: its stored copy is damaged or missing. */
  words: PolicyWords | null;
  /** Since the other set: null when none was asked for or nothing changed. */
  change:
    | { kind: "added" }
    | { kind: "changed"; settings: readonly WordChange[] }
    /** Changed, and the earlier stored copy is damaged or missing. */
    | { kind: "changed"; settings: null }
    | null;
}

/** What is said in place of what changed, where it cannot be known. */
export const earlierUnreadable =
  "What changed is not known: the stored copy of the earlier version is damaged or missing. Verify its set.";

/** Writes a documentation piece by piece, in this order; what a method returns goes out as it is made. */
export interface DocumentFormat {
  extension: "html" | "md" | "csv";
  mediaType: string;
  begin(cover: Cover): string;
  /** The contents: called with one part after the other. */
  contents(entries: readonly Entry[]): string;
  beginPolicies(): string;
  policy(policy: DocumentedPolicy): string;
  /** @param removed policies that the other set had and this one has not */
  end(removed: readonly Entry[]): string;
}
