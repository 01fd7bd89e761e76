import { transaction } from "#lib/db/transaction";
import { log } from "#lib/log";
import { type Anchor, platformChain } from "./chain.ts";

/** A head is logged again after this many entries, or after a day in which there was one. */
export const anchoredEvery = { entries: 1_000, hours: 24 } as const;

/**
 * Writes an anchor to the log of this process, where whoever can write to the database cannot reach it once it has been
 * carried away.
 */
export function sayAnchor({ chain, sequence, hash }: Anchor): void {
  const tenant = chain === platformChain ? null : chain;
  log.info({ audit_anchor: { tenant, sequence: Number(sequence), hash } }, "audit log: anchor");
}

/**
 * Says the heads of the chains that have moved since they were said last: by many entries, or a day ago. One that is being
 * written to at this moment waits for the next time. What was said and could not be noted is said again.
 * @returns how many were said
 */
export function sayAnchors(): Promise<number> {
  return transaction({ as: "dispatcher" }, async (db) => {
    const heads = await db.$queryRaw<Anchor[]>`
      SELECT chain, head_sequence::text AS sequence, encode(head_hash, 'hex') AS hash FROM audit_chains
      WHERE head_sequence > anchored_sequence
        AND (head_sequence - anchored_sequence >= ${anchoredEvery.entries} OR anchored_at IS NULL
          OR anchored_at <= now() - ${anchoredEvery.hours} * interval '1 hour')
      ORDER BY chain FOR UPDATE SKIP LOCKED`;
    for (const head of heads) sayAnchor(head);
    const chains = heads.map(({ chain }) => chain);
    await db.$executeRaw`
      UPDATE audit_chains SET anchored_sequence = head_sequence, anchored_at = now() WHERE chain = ANY(${chains}::int[])`;
    return heads.length;
  });
}
