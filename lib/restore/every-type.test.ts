import { expect, test } from "vitest";
import { systemClock } from "#lib/graph/clock";
import { LimiterRegistry } from "#lib/graph/limiter";
import { catalog, findType } from "#lib/policies/catalog";
import { writingOf } from "#lib/policies/write";
import { backUpTypes, type StoredItem } from "#lib/testing/captured";
import { broken, compare, deletable, type Item, isBuiltIn, SECRET, settle } from "#lib/testing/restored";
import { unlimitedBudgets } from "#lib/testing/unlimited";
import { withWorld } from "#lib/testing/world";
import { changeRestoreItems } from "./change-plan.ts";
import { planRestore } from "./create.ts";
import { executeRestore } from "./execute-restore.ts";
import { getRestore, listRestoreItems } from "./list.ts";
import { referencesIn } from "./plan-all.ts";
import { requestRestore, takeLaterStep } from "./request.ts";
import type { RestoreItem } from "./schema.ts";
import { workOutPlan } from "./work-out-plan.ts";
import { saveWriteConnection } from "./write-connection.ts";

/** Every type that can be restored goes the product's whole way here: planned, asked for, written by the worker, read back. */

const world = withWorld({ policies: 40 });

const types = catalog.filter(({ key }) => {
  const rule = writingOf(key);
  return !("cannot" in rule) && rule.delegatedOnly === null;
});
const keys = new Set(types.map(({ key }) => key));
const handle = () => world.sandbox.tenant(world.tenant.sandbox.entraTenantId);
const never = () => new AbortController().signal;
const tuning = () => ({ limiters: new LimiterRegistry(systemClock, unlimitedBudgets) });

async function backedUp(): Promise<{ set_id: number; items: Item[] }> {
  const policies = types.filter(({ kind }) => kind === "policy").map(({ key }) => key);
  const { run, items } = await backUpTypes(world, policies);
  return { set_id: run.backup_set_id ?? 0, items: items.flatMap(itemOf) };
}

function itemOf({ policy_type, graph_id: id, document }: StoredItem): Item[] {
  const type = findType(policy_type);
  return type && keys.has(policy_type) ? [{ type, id, document }] : [];
}

/** Puts what policies refer to and the generator left out: groups and users that were deleted, apps that never were. */
function complete(items: readonly Item[]): void {
  const places: Partial<Record<string, readonly [collection: string, type: string]>> = {
    group: ["groups", "group"],
    user: ["users", "user"],
    app: ["deviceAppManagement/mobileApps", "iosStoreApp"],
  };
  for (const { kind, id } of referencesIn(items.map(({ type, document }) => ({ type, backup: document })))) {
    const [collection, type] = places[kind] ?? [];
    if (!collection || handle().get(collection, id)) continue;
    handle().put(collection, {
      "@odata.type": `#microsoft.graph.${type}`,
      id,
      displayName: `Found ${id}`,
      ...(kind === "app" && { publishingState: "published", roleScopeTagIds: ["0"] }),
    });
  }
}

/** Deletes every other policy that nothing refers to, and breaks all the rest. */
function wreck(items: readonly Item[]): Set<Item> {
  const deleted = new Set<Item>();
  const free = deletable(items);
  items.forEach((item, at) => {
    if (isBuiltIn(item)) return;
    const { type } = item;
    const id = type.single ? ([...handle().objects(type.path)][0]?.id ?? "") : item.id;
    if (at % 2 === 0 && free.has(item)) {
      handle().remove(type.path, id);
      deleted.add(item);
      return;
    }
    const object = handle().get(type.path, id);
    if (object) handle().put(type.path, { ...broken(object, type.key), id });
  });
  return deleted;
}

async function jobOf(restore_id: number): Promise<string> {
  const { rows } = await world.admin.query("SELECT job_id FROM restores WHERE id = $1", [restore_id]);
  return rows[0].job_id;
}

async function rowsOf(restore_id: number): Promise<RestoreItem[]> {
  const rows: RestoreItem[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await listRestoreItems(world.tenant.actors.readonly, world.tenant.id, {
      restore_id,
      limit: 200,
      ...(cursor && { cursor }),
    });
    rows.push(...page.items);
    if (page.next_cursor === null) return rows;
    cursor = page.next_cursor;
  }
}

test("every type, broken or deleted, comes back as the backup has it", async () => {
  const { id, actors, sandbox } = world.tenant;
  if (!sandbox.writer) throw new Error("no writer");
  await saveWriteConnection(actors.owner, id, {
    client_id: sandbox.writer.clientId,
    credential_kind: "secret",
    credential: sandbox.writer.clientSecret,
  });
  settle(handle());
  complete((await backedUp()).items);
  const { set_id, items } = await backedUp();
  const deleted = wreck(items);

  const { id: restore_id } = await planRestore(actors.manager, id, {
    set_id,
    items: items.map(({ type, id: graph_id }) => ({ policy_type: type.key, graph_id })),
  });
  const planned = await workOutPlan(id, restore_id, await jobOf(restore_id), never(), tuning());
  expect(planned).toEqual({ kind: "planned" });
  for (const { id: item_id, outcome, policy_type, reasons } of await rowsOf(restore_id)) {
    if (outcome !== "blocked") continue;
    expect(reasons, policy_type).toEqual(reasons.filter(({ code }) => code === "secret"));
    const secrets = Object.fromEntries(reasons.map(({ path }) => [path, SECRET]));
    await changeRestoreItems(actors.manager, id, { restore_id, item_ids: [item_id], secrets });
  }
  const { to_confirm, changes, outcomes } = await getRestore(actors.owner, id, { restore_id });
  expect(outcomes.blocked ?? 0).toBe(0);
  expect(new Set(to_confirm.map(({ policy_type }) => policy_type))).toEqual(
    new Set(["authenticationMethodsPolicy", "roleDefinition", "securityDefaultsPolicy"]),
  );
  await requestRestore(actors.owner, id, {
    restore_id,
    reason: "Somebody wrecked it",
    confirmations: to_confirm.map(({ item_id }) => item_id),
    count: changes,
  });
  const write = async () =>
    executeRestore(id, restore_id, await jobOf(restore_id), never(), {
      graph: tuning(),
      write: tuning(),
      settleMs: 1_000,
    });
  const result = await write();
  const rows = await rowsOf(restore_id);
  const wrong = rows.filter(
    ({ state, outcome }) => !["done", "unchanged"].includes(state) && outcome !== "impossible",
  );
  expect(
    wrong.map(({ policy_type, state, error_message, differences }) => [
      policy_type,
      state,
      error_message,
      differences,
    ]),
  ).toEqual([]);
  expect(result).toEqual({ kind: "ended", status: "done" });
  // Conditional access that was created only reports: each is enabled by name.
  for (const { id: item_id } of rows.filter(({ later }) => later.length > 0)) {
    await takeLaterStep(actors.owner, id, { restore_id, item_id });
    expect(await write()).toEqual({ kind: "ended", status: "done" });
  }

  const written = rows.filter(({ state }) => state === "done");
  const typesOf = (list: readonly string[]) => [...new Set(list)].sort();
  expect(typesOf(written.map(({ policy_type }) => policy_type))).toEqual(
    typesOf(items.map(({ type }) => type.key)),
  );
  expect(rows.filter(({ is_created }) => is_created)).toHaveLength(deleted.size);
  const madeFrom = new Map(rows.map((row) => [`${row.policy_type} ${row.graph_id}`, row]));
  const ids = new Map(
    items.flatMap((item) => {
      const target = madeFrom.get(`${item.type.key} ${item.id}`)?.target_id ?? null;
      return target === null || item.type.single ? [] : [[item, target] as const];
    }),
  );
  compare(items, (await backedUp()).items, ids, (item) => deleted.has(item));
}, 240_000);
