import { createHash } from "node:crypto";
import serialize from "canonicalize";
import type pg from "pg";
import type { TypeSummary } from "#lib/capture/summary";
import { executeRun } from "#lib/runs/execute";
import { startRun } from "#lib/runs/start";
import { encodeSnapshot } from "#lib/sets/snapshot-codec";
import type { TestTenant } from "./tenants.ts";

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
    const { rows } = await admin.query<{ id: number }>(
      `WITH run AS (
         INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, finished_at)
         VALUES ($1, $2, clock_timestamp() + make_interval(secs => random() * 1e9), 'schedule', $4::run_status, $3)
         RETURNING id
       ), item AS (
         SELECT * FROM jsonb_to_recordset($5::jsonb) AS i(graph_id text, sha256 text, content text, size int)
       ), stored AS (
         INSERT INTO snapshots (tenant_id, sha256, encoding, content, bytes_logical, bytes_stored)
         SELECT $1, sha256, 'zstd', decode(content, 'base64'), size, length(decode(content, 'base64')) FROM item
         ON CONFLICT DO NOTHING
       ), made AS (
         INSERT INTO backup_sets (tenant_id, backup_schedule_id, run_id, status, item_count, bytes_logical, bytes_stored,
                                  manifest, manifest_sha256, item_parity, created_at)
         SELECT $1, $2, run.id, $4::run_status, count(sha256), coalesce(sum(size), 0), 0,
                $6::jsonb,
                encode(sha256(convert_to(coalesce(string_agg('deviceConfiguration' || E'\\t' || graph_id || E'\\t' || sha256,
                  E'\\n' ORDER BY graph_id COLLATE "C"), ''), 'UTF8')), 'hex'),
                jsonb_build_object('deviceConfiguration', lpad(to_hex(bit_xor(('x' || left(sha256, 16))::bit(64)::bigint)), 16, '0')),
                $3
         FROM run LEFT JOIN item ON true GROUP BY run.id
         RETURNING id, run_id
       )
       SELECT id FROM made`,
      [tenantId, scheduleId, created_at, status, JSON.stringify(documents), JSON.stringify({ types })],
    );
    const id = rows[0]?.id;
    if (id === undefined) throw new Error("no set was inserted");
    await admin.query(
      `INSERT INTO backup_items (tenant_id, backup_set_id, kind, policy_type, graph_id, display_name, sha256)
       SELECT $1, $2, 'policy', 'deviceConfiguration', i.graph_id, i.graph_id, i.sha256
       FROM jsonb_to_recordset($3::jsonb) AS i(graph_id text, sha256 text)`,
      [tenantId, id, JSON.stringify(documents)],
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

function wholeType(count: number): TypeSummary {
  return {
    kind: "policy",
    listed: true,
    expected: count,
    captured: count,
    gone: 0,
    failed: 0,
    skipped: false,
    error_code: null,
    error_message: null,
    request_id: null,
    missing: [],
  };
}

async function snapshotOf(scheduleId: number, item: number, version: number) {
  const graph_id = `policy-${scheduleId}-${item}`;
  const settings = createHash("sha512").update(`${graph_id} ${version}`).digest("hex").repeat(7);
  const document = Buffer.from(serialize({ id: graph_id, displayName: graph_id, settings, version }) ?? "");
  const { content } = await encodeSnapshot(document);
  return {
    graph_id,
    sha256: createHash("sha256").update(document).digest("hex"),
    content: Buffer.from(content).toString("base64"),
    size: document.byteLength,
  };
}
