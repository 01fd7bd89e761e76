import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { compareSets } from "#lib/compare/compare";
import { getRun } from "#lib/runs/get";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards, makeSet } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { getBackupItem } from "./items.ts";
import { getPolicyHistory } from "./policy-history.ts";
import { decodeSnapshot, encodeSnapshot } from "./snapshot-codec.ts";

const world = withWorld({ policies: 40 });

/** What v1.0 of Graph leaves out of every Intune policy. */
function narrowed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(narrowed);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([key]) => key !== "roleScopeTagIds" && !key.startsWith("deviceAndAppManagementAssignmentFilter"),
      )
      .map(([key, entry]) => [key, narrowed(entry)]),
  );
}

/** Makes a set what an earlier revision of the catalog would have made: documents, hashes and manifest. */
async function asOfRevision1(setId: number): Promise<number> {
  const { rows } = await world.admin.query(
    `SELECT i.id, i.tenant_id, s.encoding, s.content FROM backup_items i
     JOIN snapshots s ON s.tenant_id = i.tenant_id AND s.sha256 = i.sha256 WHERE i.backup_set_id = $1`,
    [setId],
  );
  let changed = 0;
  for (const row of rows) {
    const whole = new TextDecoder().decode(await decodeSnapshot(row.encoding, row.content));
    const text = JSON.stringify(narrowed(JSON.parse(whole)));
    if (text === whole) continue;
    const document = new TextEncoder().encode(text);
    const sha256 = createHash("sha256").update(document).digest("hex");
    const { encoding, content } = await encodeSnapshot(document);
    await world.admin.query(
      `INSERT INTO snapshots (tenant_id, sha256, encoding, content, bytes_logical, bytes_stored)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
      [row.tenant_id, sha256, encoding, content, document.byteLength, content.byteLength],
    );
    await behindTheGuards(world.admin, "UPDATE item_ranges SET sha256 = $2 WHERE id = $1", [row.id, sha256]);
    changed += 1;
  }
  await behindTheGuards(world.admin, "UPDATE item_ranges r SET seal = item_range_seal(r)");
  const sql = "UPDATE backup_sets SET manifest = manifest - 'catalog_revision' WHERE id = $1";
  await behindTheGuards(world.admin, sql, [setId]);
  return changed;
}

test("what a newer catalog merely reads more of is no change, what somebody changed is", {
  timeout: 60_000,
}, async () => {
  const { id, actors } = world.tenant;
  // Those that Graph lets through at once.
  const types = [
    "settingsCatalogPolicy",
    "endpointSecurityPolicy",
    "deviceConfiguration",
    "deviceCompliancePolicy",
    "windowsUpdateRing",
    "deviceManagementScript",
    "managedDeviceAppConfiguration",
  ];
  const { id: schedule } = await makeSchedule(actors.manager, id, { policy_types: types });
  const before = await makeSet(world.tenant, schedule);
  expect(await asOfRevision1(before)).toBeGreaterThan(8);

  const store = world.sandbox.tenant(world.tenant.sandbox.entraTenantId);
  const [edited] = [...store.objects()].filter(({ collection }) =>
    collection.endsWith("/deviceConfigurations"),
  );
  const graph_id = String(edited?.object.id);
  if (!edited) throw new Error("the tenant has no such policy");
  store.put(edited.collection, { ...edited.object, id: graph_id, description: "Changed by somebody" });

  const after = await makeSet(world.tenant, schedule);
  const { changes } = (await compareAll(after)) ?? {};
  expect(changes).toEqual([graph_id]);
  const { rows } = await world.admin.query("SELECT run_id FROM backup_sets WHERE id = $1", [after]);
  const run = await getRun(actors.readonly, id, { run_id: rows[0].run_id });
  expect(run.summary.changes).toMatchObject({ added: 0, changed: 1, removed: 0 });

  // From then on both are of one revision: nothing is looked at again, and nothing seems changed.
  const noted = async () => (await world.admin.query("SELECT count(*)::int AS n FROM rereadings")).rows[0].n;
  const count = await noted();
  const third = await makeSet(world.tenant, schedule);
  expect((await compareAll(third))?.changes).toEqual([]);
  expect(await noted()).toBe(count);
  const far = await compareSets(actors.readonly, id, { set_id: third, with_set_id: before });
  expect(far.counts).toMatchObject({ changed: 1, added: 0, removed: 0 });

  // A policy's history has one version of what was read twice, two of what was changed.
  const item = (
    await world.admin.query(
      "SELECT id, policy_type, graph_id FROM backup_items WHERE backup_set_id = $1 AND graph_id <> $2 AND sha256 IN (SELECT sha256 FROM rereadings) LIMIT 1",
      [after, graph_id],
    )
  ).rows[0];
  const key = { policy_type: item.policy_type, graph_id: item.graph_id };
  expect((await getPolicyHistory(actors.readonly, id, key)).versions).toHaveLength(1);
  const shown = await getBackupItem(actors.readonly, id, { set_id: after, item_id: Number(item.id) });
  expect(shown.previous?.item?.is_same).toBe(true);

  async function compareAll(set_id: number) {
    const found = await compareSets(actors.readonly, id, { set_id, limit: 200, changes: ["changed"] });
    return { changes: found.items.map((change) => change.left?.graph_id) };
  }
});
