import type { TypeSummary } from "#lib/capture/summary";
import { counted } from "#lib/counted";
import type { BackupSet } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { openEnd } from "#lib/sets/ranges";
import { maxNamedFaults, type VerifyFault, type VerifyResult } from "#lib/sets/schema";
import { findLostItems, isSealed, presentItems } from "./lost-items.ts";
import { findLostVolatiles } from "./lost-volatiles.ts";

type InspectedRow = Pick<
  BackupSet,
  "id" | "tenant_id" | "backup_schedule_id" | "manifest" | "item_parity" | "volatile_parity"
>;

/**
 * Holds sets against everything that was recorded of them: their own seals and their items', the manifest hash, the counts,
 * and whether each item's snapshot is there and whole. A few statements, however many sets there are.
 * @param damaged hash → what is wrong, of the snapshots that were found damaged
 * @returns by the sets' ids
 */
export async function inspectSets(
  db: Tx,
  sets: readonly InspectedRow[],
  damaged: ReadonlyMap<string, string>,
): Promise<Map<number, Omit<VerifyResult, "healed_at">>> {
  const ids = sets.map((set) => set.id);
  const ofItems = await itemFaults(db, ids, damaged);
  const ofWholes = await setFaults(db, ids, damaged);
  const present = await presentItems(db, ids);
  const inspected = new Map<number, Omit<VerifyResult, "healed_at">>();
  for (const set of sets) {
    const faults = ofItems.get(set.id) ?? [];
    const known = new Set(faults.map((fault) => fault.item_id));
    const types = manifestTypes(set.manifest);
    faults.push(...(await findLostItems(db, set, types, present.get(set.id) ?? new Map(), known)));
    faults.push(...(await findLostVolatiles(db, set, faults.length === 0)));
    const whole = ofWholes.get(set.id) ?? [];
    // A lost or changed item shows in the manifest too: that is no second fault. Damage to the set's own row is one.
    faults.push(...whole.filter((fault) => fault.always || faults.length === 0).map((fault) => fault.fault));
    inspected.set(set.id, {
      status: faults.length === 0 ? "ok" : "damaged",
      fault_count: faults.length,
      faults: faults.slice(0, maxNamedFaults),
    });
  }
  return inspected;
}

/** The fault of a set as a whole. */
export function setFault(message: string): VerifyFault {
  return {
    problem: "set_damaged",
    message,
    item_id: null,
    policy_type: null,
    graph_id: null,
    display_name: null,
    sha256: null,
  };
}

function manifestTypes(manifest: unknown): Record<string, Pick<TypeSummary, "captured">> {
  const types = manifest && typeof manifest === "object" && "types" in manifest ? manifest.types : null;
  return (types ?? {}) as Record<string, Pick<TypeSummary, "captured">>;
}

async function itemFaults(
  db: Tx,
  ids: number[],
  damaged: ReadonlyMap<string, string>,
): Promise<Map<number, VerifyFault[]>> {
  const rows = await db.$queryRaw<
    {
      set_id: number;
      id: bigint;
      policy_type: string;
      graph_id: string;
      display_name: string;
      sha256: string;
      sealed: boolean;
      stored: boolean;
    }[]
  >`
    WITH wanted AS (
      SELECT id, backup_schedule_id FROM backup_sets WHERE id = ANY(${ids}::int[])
    ), ranges AS MATERIALIZED (
      -- Each once, however many of the sets hold it.
      SELECT r.id, r.backup_schedule_id, r.from_set_id, r.until_set_id, r.policy_type, r.graph_id, r.display_name, r.sha256,
             ${isSealed} AS sealed, s.sha256 IS NOT NULL AS stored
      FROM item_ranges r LEFT JOIN snapshots s ON s.tenant_id = r.tenant_id AND s.sha256 = r.sha256
      WHERE r.backup_schedule_id IN (SELECT backup_schedule_id FROM wanted)
        AND r.until_set_id > ${Math.min(...ids)} AND r.from_set_id <= ${Math.max(...ids)}
    ), volatiles AS MATERIALIZED (
      SELECT v.range_id, v.from_set_id, v.is_sealed AS sealed,
             lead(v.from_set_id, 1, ${openEnd}) OVER (PARTITION BY v.range_id ORDER BY v.from_set_id) AS until_set_id
      FROM volatile_entries v WHERE v.backup_schedule_id IN (SELECT backup_schedule_id FROM wanted)
    )
    SELECT * FROM (
      SELECT w.id AS set_id, r.id, r.policy_type, r.graph_id, r.display_name, r.sha256, r.stored,
             r.sealed AND NOT EXISTS (
               SELECT FROM volatiles v WHERE NOT v.sealed AND v.range_id = r.id
                 AND v.from_set_id <= w.id AND v.until_set_id > w.id) AS sealed
      FROM wanted w JOIN ranges r ON r.backup_schedule_id = w.backup_schedule_id
        AND r.from_set_id <= w.id AND r.until_set_id > w.id) item
    WHERE NOT sealed OR NOT stored OR sha256 = ANY(${[...damaged.keys()]}::text[])
    ORDER BY id`;
  return bySet(rows, ({ id, sealed, stored, ...item }): VerifyFault => {
    const name = `"${item.display_name}"`;
    const named = { item_id: Number(id), ...item };
    if (!sealed) {
      const tail = stored ? "" : ", and it refers to a stored copy that is not there";
      return {
        problem: "item_damaged",
        message: `The record of ${name} is not as it was written${tail}.`,
        ...named,
      };
    }
    if (!stored)
      return { problem: "snapshot_missing", message: `The stored copy of ${name} is missing.`, ...named };
    const reason = damaged.get(item.sha256) ?? "it is damaged";
    return {
      problem: "snapshot_damaged",
      message: `The stored copy of ${name} is damaged: ${reason}.`,
      ...named,
    };
  });
}

interface SetRow {
  sealed: boolean;
  manifest_matches: boolean;
  item_count: number;
  found: number;
  names_sha256: string | null;
  names_stored: boolean;
}

/** `always`: it is told even where an item's fault is known. */
interface WholeFault {
  always: boolean;
  fault: VerifyFault;
}

/** What the sets' rows say of themselves and of their items as a whole. */
async function setFaults(
  db: Tx,
  ids: number[],
  damaged: ReadonlyMap<string, string>,
): Promise<Map<number, WholeFault[]>> {
  const rows = await db.$queryRaw<(SetRow & { set_id: number })[]>`
    SELECT b.id AS set_id, coalesce(b.seal = backup_set_seal(b), false) AS sealed, m.sha256 = b.manifest_sha256 AS manifest_matches,
           b.item_count, m.found, b.names_sha256, n.sha256 IS NOT NULL AS names_stored
    FROM backup_sets b LEFT JOIN snapshots n ON n.tenant_id = b.tenant_id AND n.sha256 = b.names_sha256, LATERAL (
      SELECT count(*)::int AS found,
             encode(sha256(convert_to(coalesce(string_agg(
               policy_type || E'\t' || graph_id || E'\t' || sha256, E'\n'
               ORDER BY policy_type COLLATE "C", graph_id COLLATE "C"), ''), 'UTF8')), 'hex') AS sha256
      FROM backup_items WHERE backup_set_id = b.id) m
    WHERE b.id = ANY(${ids}::int[])`;
  return new Map(rows.map(({ set_id, ...row }) => [set_id, faultsOfRow(row, damaged)]));
}

function faultsOfRow(row: SetRow, damaged: ReadonlyMap<string, string>): WholeFault[] {
  const found: WholeFault[] = [];
  if (!row.sealed) {
    found.push({ always: true, fault: setFault("The set's own record is not as it was written.") });
  }
  if (row.found !== row.item_count) {
    const message = `The set holds ${counted(row.found, "item")}, and ${row.item_count.toLocaleString("en")} ${row.item_count === 1 ? "was" : "were"} recorded.`;
    found.push({ always: row.found > row.item_count, fault: setFault(message) });
  } else if (!row.manifest_matches && row.sealed) {
    found.push({
      always: false,
      fault: setFault("The set's items do not match the hash of its manifest."),
    });
  }
  const wrong =
    row.names_sha256 !== null && (row.names_stored ? damaged.get(row.names_sha256) : "it is missing");
  if (wrong) {
    const message = `The stored copy of the names behind the set's ids is damaged: ${wrong}.`;
    found.push({ always: true, fault: { ...setFault(message), sha256: row.names_sha256 } });
  }
  return found;
}

/** What each row comes to, gathered by its set; the rows' order stays. */
function bySet<R extends { set_id: number }, T>(
  rows: readonly R[],
  make: (row: Omit<R, "set_id">) => T,
): Map<number, T[]> {
  const gathered = new Map<number, T[]>();
  for (const { set_id, ...row } of rows) {
    const made = make(row);
    const known = gathered.get(set_id);
    if (known) known.push(made);
    else gathered.set(set_id, [made]);
  }
  return gathered;
}
