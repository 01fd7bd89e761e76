import type { Tx } from "#lib/db/transaction";
import { readExactly } from "#lib/graph/exact-number";
import { documentsAtOnce, readDocuments } from "./documents.ts";
import { findMatches, mayHold, type Needle } from "./find-matches.ts";
import type { ContentMatch, FoundPolicy } from "./schema.ts";

/** Places of a policy that are described. */
const matchesMost = 3;

/** Policies that can be prepared together. */
export const policiesAtOnce = documentsAtOnce;

/** A version of a policy that could hold the text. */
export interface Candidate {
  id: bigint;
  kind: FoundPolicy["kind"];
  policy_type: string;
  graph_id: string;
  display_name: string;
  sha256: string;
  first_seen_at: Date;
  last_seen_at: Date;
  last_set_id: number;
  is_now: boolean;
  /** The item by which the policy has its place in the list. */
  place_id: bigint;
}

/**
 * Decides which policies hold a text, by reading as few of their versions as tell it: the newest that holds it, and the first
 * and the last in time. Of what was read only the verdict is kept.
 */
export class Judge {
  readonly #db: Tx;
  readonly #tenantId: number;
  readonly #needle: Needle;
  readonly #mustBeNow: boolean;
  readonly #verdicts = new Map<string, Verdict>();

  /** @param asked.isNow whether a policy must hold the text now */
  constructor(db: Tx, tenantId: number, needle: Needle, asked: { isNow: boolean }) {
    this.#db = db;
    this.#tenantId = tenantId;
    this.#needle = needle;
    this.#mustBeNow = asked.isNow;
  }

  /** Documents that were read so far. */
  get read(): number {
    return this.#verdicts.size;
  }

  /**
   * Reads, in two statements, what most likely decides about some policies: of most it is all there is.
   * @param policies {@link policiesAtOnce} at most
   */
  async prepare(policies: readonly (readonly Candidate[])[]): Promise<void> {
    const newest = policies.flatMap((versions) => this.#asked(versions).slice(0, 1));
    await this.#readUnknown(newest);
    const holding = new Set(newest.filter((each) => this.#holds(each)));
    const oldest = policies
      .filter((versions) => versions.some((each) => holding.has(each)))
      .flatMap((versions) => oldestFirst(versions).slice(0, 1));
    await this.#readUnknown(oldest);
  }

  /** Whether it takes no further document to decide about a policy. */
  isReady(versions: readonly Candidate[]): boolean {
    return versions.every(({ sha256 }) => this.#verdicts.has(sha256));
  }

  /** Whether and since when a policy holds the text. @param versions the newest first */
  async decide(versions: readonly Candidate[]): Promise<FoundPolicy | null> {
    const version = await this.#firstHolder(this.#asked(versions));
    if (!version) return null;
    const last = await this.#firstHolder(
      versions.toSorted((one, other) => other.last_seen_at.getTime() - one.last_seen_at.getTime()),
    );
    const first = await this.#firstHolder(oldestFirst(versions));
    const verdict = this.#verdicts.get(version.sha256) ?? holdsNot;
    return {
      kind: version.kind,
      policy_type: version.policy_type,
      graph_id: version.graph_id,
      display_name: version.display_name,
      set_id: version.last_set_id,
      item_id: Number(version.id),
      first_seen_at: (first ?? version).first_seen_at.toISOString(),
      last_seen_at: (last ?? version).last_seen_at.toISOString(),
      is_now: version.is_now,
      match_count: verdict.count,
      matches: verdict.matches,
    };
  }

  /** The first of some versions that holds the text. Further ones are read only where it is none of those. */
  async #firstHolder(versions: readonly Candidate[]): Promise<Candidate | undefined> {
    for (const [at, version] of versions.entries()) {
      if (!this.#verdicts.has(version.sha256)) await this.#readUnknown(versions.slice(at));
      if (this.#holds(version)) return version;
    }
    return undefined;
  }

  #asked(versions: readonly Candidate[]): readonly Candidate[] {
    return this.#mustBeNow ? versions.filter((each) => each.is_now) : versions;
  }

  #holds({ sha256 }: Candidate): boolean {
    return (this.#verdicts.get(sha256) ?? holdsNot).count > 0;
  }

  /** Reads the documents of the first of some versions whose verdict is open. */
  async #readUnknown(versions: readonly Candidate[]): Promise<void> {
    const hashes = new Set<string>();
    for (const { sha256 } of versions) {
      if (hashes.size === documentsAtOnce) break;
      if (!this.#verdicts.has(sha256)) hashes.add(sha256);
    }
    // What is damaged or gone holds nothing that could be found.
    for (const hash of hashes) this.#verdicts.set(hash, holdsNot);
    await readDocuments(this.#db, this.#tenantId, [...hashes], (hash, json) => {
      if (!mayHold(json, this.#needle)) return;
      const found = findMatches(readExactly(json), this.#needle, matchesMost);
      if (found.count > 0) this.#verdicts.set(hash, found);
    });
  }
}

/** What was found in a version. */
interface Verdict {
  count: number;
  matches: ContentMatch[];
}

const holdsNot: Verdict = { count: 0, matches: [] };

function oldestFirst(versions: readonly Candidate[]): Candidate[] {
  return versions.toSorted((one, other) => one.first_seen_at.getTime() - other.first_seen_at.getTime());
}
