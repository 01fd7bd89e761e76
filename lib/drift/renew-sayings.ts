import type { Tx } from "#lib/db/transaction";
import { provenJson, type StoredDocument } from "#lib/sets/snapshot-codec";
import { isOfThisForm, sayingHash } from "./saying.ts";

/** Documents that one statement reads. */
const batch = 500;

/**
 * Works out anew what a baseline of another tenant is compared by, where an earlier version has done so in another form, and has the
 * differences follow: each policy would differ, and what people accepted would be new. What is damaged, or kept no more, stays as it
 * is. In the transaction that compares, behind `lockDrift`.
 */
export async function renewSayings(db: Tx, tenantId: number): Promise<void> {
  let isEarlier = false;
  for (let after = { policy_type: "", graph_id: "" }; ; ) {
    const items = await db.$queryRaw<
      (StoredDocument & { policy_type: string; graph_id: string; was: string })[]
    >`
      SELECT policy_type, graph_id, hash AS was, sha256, encoding, content FROM baseline_items
      WHERE tenant_id = ${tenantId} AND NOT ${isOfThisForm("hash")}
        AND (policy_type, graph_id) > (${after.policy_type}, ${after.graph_id})
      ORDER BY policy_type, graph_id LIMIT ${batch}`;
    const renewed = [];
    for (const { policy_type, graph_id, was, ...stored } of items) {
      const document = await provenJson(stored);
      if (document !== null) renewed.push({ policy_type, graph_id, was, hash: sayingHash(document) });
    }
    if (renewed.length > 0) {
      isEarlier = true;
      await renewBaseline(db, tenantId, renewed);
    }
    const last = items.at(-1);
    if (!last || items.length < batch) break;
    after = last;
  }
  if (isEarlier) await renewLive(db, tenantId);
}

async function renewBaseline(
  db: Tx,
  tenantId: number,
  renewed: readonly { policy_type: string; graph_id: string; was: string; hash: string }[],
): Promise<void> {
  const rows = JSON.stringify(renewed);
  await db.$executeRaw`
    UPDATE drifts d SET
      baseline_hash = CASE WHEN d.baseline_hash = r.was THEN r.hash ELSE d.baseline_hash END,
      decided_baseline_hash = CASE WHEN d.decided_baseline_hash = r.was THEN r.hash ELSE d.decided_baseline_hash END
    FROM jsonb_to_recordset(${rows}::jsonb) AS r(policy_type text, graph_id text, was char(64), hash char(64))
    WHERE d.tenant_id = ${tenantId} AND d.policy_type = r.policy_type AND d.graph_id = r.graph_id`;
  await db.$executeRaw`
    UPDATE baseline_items i SET hash = r.hash
    FROM jsonb_to_recordset(${rows}::jsonb) AS r(policy_type text, graph_id text, hash char(64))
    WHERE i.tenant_id = ${tenantId} AND i.policy_type = r.policy_type AND i.graph_id = r.graph_id`;
}

/** The sides of the differences that the tenant has. */
async function renewLive(db: Tx, tenantId: number): Promise<void> {
  for (let after = ""; ; ) {
    const documents = await db.$queryRaw<StoredDocument[]>`
      SELECT sha256, encoding, content FROM snapshots
      WHERE tenant_id = ${tenantId} AND sha256 > ${after} AND sha256 IN (
        SELECT live_sha256 FROM drifts WHERE tenant_id = ${tenantId} AND gone_at IS NULL AND NOT ${isOfThisForm("live_hash")})
      ORDER BY sha256 LIMIT ${batch}`;
    const renewed = [];
    for (const stored of documents) {
      const document = await provenJson(stored);
      if (document !== null) renewed.push({ sha256: stored.sha256, hash: sayingHash(document) });
    }
    if (renewed.length > 0)
      await db.$executeRaw`
        UPDATE drifts d SET
          live_hash = r.hash,
          decided_live_hash = CASE WHEN d.decided_live_hash = d.live_hash THEN r.hash ELSE d.decided_live_hash END
        FROM jsonb_to_recordset(${JSON.stringify(renewed)}::jsonb) AS r(sha256 char(64), hash char(64))
        WHERE d.tenant_id = ${tenantId} AND d.gone_at IS NULL AND d.live_sha256 = r.sha256
          AND NOT ${isOfThisForm("d.live_hash")}`;
    const last = documents.at(-1);
    if (!last || documents.length < batch) return;
    after = last.sha256;
  }
}
