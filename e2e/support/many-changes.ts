import { createHash } from "node:crypto";
import { wholeType } from "#lib/testing/whole-type";
import { makeMember, onDatabase } from "./administrator.ts";
import { uniqueName } from "./api.ts";
import type { Credentials } from "./session.ts";

/** Two sets of which the newer one differs in 500 policies: how many became what, and what those are called. */
export const manyChanges = { changed: 470, added: 20, removed: 10, unchanged: 80 } as const;
type Kind = keyof typeof manyChanges;
const families: Record<Kind, string> = {
  changed: "Kiosk",
  added: "New",
  removed: "Old",
  unchanged: "Steady",
};

export interface ManyChanges {
  tenantId: number;
  olderId: number;
  newerId: number;
  /** Somebody who is a member of that tenant alone. */
  member: Credentials;
}

/** The nth policy of a kind, counted from 0. */
export function policyName(kind: Kind, n: number): string {
  return `${families[kind]} ${String(n).padStart(3, "0")}`;
}

/** Of those that changed the last ones are of another type: nobody has 470 of one. */
const typeOf = (kind: Kind, n: number) =>
  kind === "changed" && n >= 300
    ? { policy_type: "deviceConfiguration", odata: "#microsoft.graph.windows10GeneralConfiguration" }
    : { policy_type: "deviceCompliancePolicy", odata: "#microsoft.graph.windows10CompliancePolicy" };

/**
 * Makes the sets in a tenant of their own, through the database: runs would take minutes for so many policies, and other tests
 * would meet them.
 */
export async function makeManyChanges(): Promise<ManyChanges> {
  const [made] = await onDatabase<{ tenant_id: number; schedule_id: number; older: number; newer: number }>(
    `WITH tenant AS (
       INSERT INTO tenants (name, created_at) VALUES ($1, now() - interval '9 days') RETURNING id
     )
     INSERT INTO backup_schedules (tenant_id, name, is_enabled, timezone, frequency, time_of_day, days_of_week, policy_types)
     SELECT id, 'Nightly', false, 'Europe/Berlin', 'daily', '03:15:00', '{}', '{deviceCompliancePolicy,deviceConfiguration}'
     FROM tenant
     RETURNING tenant_id, id AS schedule_id, nextval('backup_sets_id_seq')::int AS older, nextval('backup_sets_id_seq')::int AS newer`,
    [uniqueName("Many changes")],
  );
  if (!made) throw new Error("The tenant was not made.");
  const { tenant_id: tenantId, schedule_id: scheduleId } = made;
  const [olderId, newerId] = [Math.min(made.older, made.newer), Math.max(made.older, made.newer)];
  const ranges = (Object.keys(manyChanges) as Kind[]).flatMap((kind) =>
    Array.from({ length: manyChanges[kind] }, (_, n) => rangesOf(kind, n, olderId, newerId)).flat(),
  );
  // As a run writes them: what a set holds is there before the set is.
  await onDatabase(
    `WITH given AS MATERIALIZED (
       SELECT * FROM jsonb_to_recordset($3::jsonb)
         AS r(policy_type text, graph_id text, display_name text, document text, sha256 text, from_set int, until_set int)
     ), stored AS (
       INSERT INTO snapshots (tenant_id, sha256, encoding, content, bytes_logical, bytes_stored)
       SELECT $1::int, sha256, 'plain', convert_to(document, 'UTF8'), octet_length(document), octet_length(document) FROM given
     )
     INSERT INTO item_ranges (tenant_id, backup_schedule_id, from_set_id, until_set_id, kind, policy_type, graph_id,
                              display_name, sha256)
     SELECT $1::int, $2::int, from_set, coalesce(until_set, 2147483647), 'policy', policy_type, graph_id, display_name, sha256
     FROM given`,
    [tenantId, scheduleId, JSON.stringify(ranges)],
  );
  for (const [id, days] of [
    [olderId, 2],
    [newerId, 1],
  ] as const) {
    const held = ranges.filter(
      ({ from_set, until_set }) => from_set <= id && (until_set === null || until_set > id),
    );
    const ofTypes = Map.groupBy(held, ({ policy_type }) => policy_type);
    const types = Object.fromEntries([...ofTypes].map(([type, of]) => [type, wholeType(of.length)]));
    await onDatabase(
      `WITH run AS (
         INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, started_at, finished_at,
                                           created_at)
         SELECT $1::int, $2::int, at, 'schedule', 'success', at, at, at FROM (SELECT now() - make_interval(days => $6::int) AS at) d
         RETURNING id, finished_at
       )
       INSERT INTO backup_sets (id, tenant_id, backup_schedule_id, run_id, status, item_count, bytes_logical, bytes_stored,
                                manifest, manifest_sha256, moved_items, created_at)
       SELECT $3::int, $1::int, $2::int, id, 'success', $4::int, 0, 0, $5::jsonb, repeat('0', 64), '{}', finished_at FROM run`,
      [tenantId, scheduleId, id, held.length, JSON.stringify({ types }), days],
    );
  }
  return { tenantId, olderId, newerId, member: await makeMember("manager", tenantId) };
}

/** What the two sets hold of a policy. */
function rangesOf(kind: Kind, n: number, olderId: number, newerId: number) {
  const { policy_type, odata } = typeOf(kind, n);
  const display_name = policyName(kind, n);
  const graph_id = `${families[kind].toLowerCase()}-${n}`;
  const version = (passwordMinimumLength: number, from_set: number, until_set: number | null) => {
    const document = JSON.stringify({
      "@odata.type": odata,
      displayName: display_name,
      id: graph_id,
      passwordMinimumLength,
    });
    const sha256 = createHash("sha256").update(document).digest("hex");
    return { policy_type, graph_id, display_name, document, sha256, from_set, until_set };
  };
  switch (kind) {
    case "changed":
      return [version(6, olderId, newerId), version(14, newerId, null)];
    case "added":
      return [version(6, newerId, null)];
    case "removed":
      return [version(6, olderId, newerId)];
    case "unchanged":
      return [version(6, olderId, null)];
  }
}
