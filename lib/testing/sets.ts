import { createHash } from "node:crypto";
import serialize from "canonicalize";
import type pg from "pg";
import { executeRun } from "#lib/runs/execute";
import { startRun } from "#lib/runs/start";
import { openEnd } from "#lib/sets/ranges";
import { encodeSnapshot } from "#lib/sets/snapshot-codec";
import type { TestTenant } from "./tenants.ts";
import { wholeType } from "./whole-type.ts";

/** Runs a schedule once, as a worker would. @returns the id of the set that it made */
export async function makeSet(tenant: TestTenant, scheduleId: number): Promise<number> {
  const run = await startRun(tenant.actors.operator, tenant.id, { schedule_id: scheduleId });
  const result = await executeRun(tenant.id, run.id, new AbortController().signal);
  if (result.kind !== "ended" || !result.backup_set_id) {
    throw new Error(`The run ended without a set: ${JSON.stringify(result)}`);
  }
  return result.backup_set_id;
}

/**
 * Does as the superuser what the guards refuse to everybody: no trigger fires, and no foreign key is checked.
 * @returns how many rows the statement changed
 */
export async function behindTheGuards(admin: pg.Pool, sql: string, values: unknown[] = []): Promise<number> {
  const client = await admin.connect();
  try {
    await client.query("BEGIN");
    await client.query("SET LOCAL session_replication_role = replica");
    const { rowCount } = await client.query(sql, values);
    await client.query("COMMIT");
    return rowCount ?? 0;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

/**
 * Gives a set items of its own, as if they had been otherwise in the sets before and after it: what is done to them then
 * concerns no other set. They keep their ids in this set.
 */
export async function isolateItems(admin: pg.Pool, setId: number): Promise<void> {
  await behindTheGuards(
    admin,
    `CREATE TEMPORARY TABLE whole ON COMMIT DROP AS
       SELECT r.*, least(r.until_set_id, (SELECT min(n.id) FROM backup_sets n
                                          WHERE n.backup_schedule_id = b.backup_schedule_id AND n.id > b.id)) AS next
       FROM backup_sets b JOIN item_ranges r ON r.backup_schedule_id = b.backup_schedule_id
         AND r.from_set_id <= b.id AND r.until_set_id > b.id WHERE b.id = ${setId};
     UPDATE item_ranges r SET from_set_id = ${setId}, until_set_id = w.next FROM whole w WHERE w.id = r.id;
     INSERT INTO item_ranges (tenant_id, backup_schedule_id, from_set_id, until_set_id, kind, policy_type, graph_id,
                              display_name, sha256, volatile, children, notes, seal)
       SELECT tenant_id, backup_schedule_id, piece.begins, piece.ends, kind, policy_type, graph_id, display_name, sha256,
              volatile, children, notes, ''
       FROM whole, LATERAL (VALUES (from_set_id, ${setId}), (next, until_set_id)) AS piece(begins, ends)
       WHERE piece.begins < piece.ends;
     UPDATE item_ranges r SET seal = item_range_seal(r), end_seal = item_range_end_seal(r)
       WHERE (policy_type, graph_id) IN (SELECT policy_type, graph_id FROM whole)`,
  );
}

/** Sets to put into a schedule's history, as if runs had made them. */
export interface SetsToInsert {
  tenantId: number;
  scheduleId: number;
  /** One set each, oldest first. */
  sets: readonly { created_at: Date; status?: "success" | "partial" }[];
  /** Items a set; 0 for sets that only retention looks at. */
  items?: number;
  /** This many items of a set have changed since the set before. */
  changed?: number;
}

/**
 * Puts ended runs and their sets into a schedule's history, whole in every respect: verification finds nothing wrong.
 * The policies are random documents of about one kilobyte.
 * @returns the sets' ids, oldest first
 */
export async function insertSets(admin: pg.Pool, input: SetsToInsert): Promise<number[]> {
  const { tenantId, scheduleId, sets, items = 0, changed = 1 } = input;
  const ids: number[] = [];
  for (const [index, { created_at, status = "success" }] of sets.entries()) {
    const documents = await Promise.all(
      Array.from({ length: items }, async (_, item) => {
        // Item i changes in every set whose turn it is.
        const version = Math.floor((index * changed + item) / Math.max(1, items));
        return snapshotOf(scheduleId, item, version);
      }),
    );
    const types = items === 0 ? {} : { deviceConfiguration: wholeType(items) };
    const { rows } = await admin.query<{ id: number }>("SELECT nextval('backup_sets_id_seq')::int AS id");
    const id = rows[0]?.id;
    if (id === undefined) throw new Error("the set got no id");
    const given =
      "jsonb_to_recordset($1::jsonb) AS i(graph_id text, sha256 char(64), encoding text, content text, size int)";
    await admin.query(
      `INSERT INTO snapshots (tenant_id, sha256, encoding, content, bytes_logical, bytes_stored)
       SELECT $2, sha256, encoding, decode(content, 'base64'), size, length(decode(content, 'base64')) FROM ${given}
       ON CONFLICT DO NOTHING`,
      [JSON.stringify(documents), tenantId],
    );
    // As a run writes them: what changed ends, and what is not there begins, before the set is there.
    await admin.query(
      `UPDATE item_ranges r SET until_set_id = $2
       WHERE r.backup_schedule_id = $3 AND r.until_set_id = ${openEnd} AND NOT EXISTS (
         SELECT FROM ${given} WHERE i.graph_id = r.graph_id AND i.sha256 = r.sha256)`,
      [JSON.stringify(documents), id, scheduleId],
    );
    await admin.query(
      `INSERT INTO item_ranges (tenant_id, backup_schedule_id, from_set_id, kind, policy_type, graph_id, display_name, sha256)
       SELECT $2, $3, $4, 'policy', 'deviceConfiguration', i.graph_id, i.graph_id, i.sha256 FROM ${given}
       WHERE NOT EXISTS (SELECT FROM item_ranges r WHERE r.backup_schedule_id = $3 AND r.graph_id = i.graph_id
                           AND r.until_set_id = ${openEnd})`,
      [JSON.stringify(documents), tenantId, scheduleId, id],
    );
    await admin.query(
      `WITH run AS (
         INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, finished_at)
         VALUES ($2, $3, clock_timestamp() + make_interval(secs => random() * 1e9), 'schedule', $5::run_status, $4)
         RETURNING id
       )
       INSERT INTO backup_sets (id, tenant_id, backup_schedule_id, run_id, status, item_count, bytes_logical, bytes_stored,
                                manifest, manifest_sha256, item_parity, created_at)
       SELECT $7, $2, $3, run.id, $5::run_status, count(sha256), coalesce(sum(size), 0), 0, $6::jsonb,
              encode(sha256(convert_to(coalesce(string_agg('deviceConfiguration' || E'\\t' || graph_id || E'\\t' || sha256,
                E'\\n' ORDER BY graph_id COLLATE "C"), ''), 'UTF8')), 'hex'),
              jsonb_build_object('deviceConfiguration', lpad(to_hex(bit_xor(('x' || left(sha256, 16))::bit(64)::bigint)), 16, '0')),
              $4
       FROM run LEFT JOIN ${given} ON true GROUP BY run.id`,
      [JSON.stringify(documents), tenantId, scheduleId, created_at, status, JSON.stringify({ types }), id],
    );
    await behindTheGuards(
      admin,
      "UPDATE backup_schedule_runs r SET backup_set_id = b.id FROM backup_sets b WHERE b.id = $1 AND r.id = b.run_id",
      [id],
    );
    ids.push(id);
  }
  return ids;
}

async function snapshotOf(scheduleId: number, item: number, version: number) {
  const graph_id = `policy-${scheduleId}-${item}`;
  const settings = createHash("sha512").update(`${graph_id} ${version}`).digest("hex").repeat(7);
  const document = Buffer.from(serialize({ id: graph_id, displayName: graph_id, settings, version }) ?? "");
  const { encoding, content } = await encodeSnapshot(document);
  return {
    graph_id,
    sha256: createHash("sha256").update(document).digest("hex"),
    encoding,
    content: Buffer.from(content).toString("base64"),
    size: document.byteLength,
  };
}
