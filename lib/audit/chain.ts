import { createHash } from "node:crypto";

/** The chain of the platform's own log; every other one has its tenant's id. */
export const platformChain = 0;

/** A place in a chain, as it is noted outside of the database: with it nobody can rewrite what comes before unnoticed. */
export interface Anchor {
  chain: number;
  /** In decimal, without leading zeros. */
  sequence: string;
  /** SHA-256, in hexadecimal. */
  hash: string;
}

/** Everything that the hash of an entry covers, beside its place. Texts as PostgreSQL writes them. */
export interface ChainedEntry {
  chain: number;
  entry_id: string;
  /** Seconds since 1970. */
  at: string;
  actor_kind: string;
  actor_id: number | null;
  actor_name: string;
  action: string;
  target_kind: string | null;
  target_id: number | null;
  details: string;
  address: string | null;
  request_id: string | null;
}

/** What the first entry of a chain stands on. */
export const chainOrigin = "0".repeat(64);

/**
 * The hash of an entry at its place: SHA-256 over the hash before it and everything in it. It is what the database's
 * trigger computes (migration "audit_chain"), written a second time so that the one can be held against the other.
 * @param previous the hash of the entry before, in hexadecimal
 */
export function hashOf(entry: ChainedEntry, sequence: string, previous: string): string {
  const parts = [
    '"tenantpilot audit entry 1"',
    String(entry.chain),
    sequence,
    entry.entry_id,
    ...[
      entry.at,
      entry.actor_kind,
      entry.actor_id,
      entry.actor_name,
      entry.action,
      entry.target_kind,
      entry.target_id,
      entry.details,
      entry.address,
      entry.request_id,
    ].map((value) => JSON.stringify(value)),
  ];
  return createHash("sha256")
    .update(Buffer.from(previous, "hex"))
    .update(`[${parts.join(", ")}]`, "utf8")
    .digest("hex");
}
