import { describe, expect, it } from "vitest";
import { COLLECTIONS } from "../collections.ts";
import type { GraphObject } from "../json.ts";
import { TenantStore } from "../store.ts";
import { plan } from "./plan.ts";
import { generateTenant } from "./tenant.ts";

const tenant = (seed: number, policies: number) => new TenantStore(generateTenant(seed, policies), new Map());

function* objects(store: TenantStore): Generator<{ path: string; object: GraphObject }> {
  for (const collection of store.collections()) {
    for (const index of collection.indexes())
      yield { path: collection.spec.path, object: collection.whole(index) };
  }
}

/** How many policies a tenant has: all that it holds, without the foundations and what comes on top. */
function policyCount(policies: number): number {
  const all = plan(policies);
  const top = all
    .filter(({ group }) => group.weight === undefined && !group.single)
    .reduce((sum, { count }) => sum + count, 0);
  return (
    tenant(1, policies)
      .collections()
      .reduce((sum, collection) => sum + collection.count(), 0) - top
  );
}

describe("a generated tenant", () => {
  it("is the same for the same seed, and another for another", () => {
    const [one, same, other] = [tenant(1, 150), tenant(1, 150), tenant(2, 150)].map((store) => [
      ...objects(store),
    ]);
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it.each([3, 20, 41, 120, 5000])("of %d has exactly that many policies", (policies) => {
    expect(policyCount(policies)).toBe(policies);
  });

  it("has objects of every collection, once there are enough", () => {
    for (const collection of tenant(1, 100).collections()) {
      expect(collection.count(), collection.spec.path).toBeGreaterThan(0);
    }
  });

  it("has objects whose types belong to their collections, with ids that find them again", () => {
    const store = tenant(7, 400);
    for (const spec of COLLECTIONS.filter(({ viewOf }) => viewOf === undefined)) {
      const collection = store.collection(spec);
      const ids = new Set<string>();
      for (const index of collection.indexes()) {
        const { props } = collection.entityAt(index);
        expect(spec.types).toContain(String(props["@odata.type"]).replace("#microsoft.graph.", ""));
        expect(collection.find(String(props.id)), `${spec.path} ${props.id}`).toBe(index);
        ids.add(String(props.id));
      }
      expect(ids.size).toBe(collection.count());
    }
  });

  it("has as many settings as announced, of very different number", () => {
    const counts: number[] = [];
    for (const { object } of objects(tenant(3, 600))) {
      if (typeof object.settingCount !== "number") continue;
      expect(object.settings).toHaveLength(object.settingCount);
      counts.push(object.settingCount);
    }
    expect(Math.max(...counts)).toBeGreaterThan(100);
    expect(counts.filter((count) => count > 25).length / counts.length).toBeGreaterThan(0.25);
  });

  it("refers to filters, scope tags and templates that it has", () => {
    const store = tenant(3, 600);
    const all = [...objects(store)];
    const ids = (name: string) =>
      new Set(all.filter(({ path }) => path.endsWith(name)).map(({ object }) => object.id));
    const text = JSON.stringify(all);
    const referred = (pattern: RegExp) => new Set([...text.matchAll(pattern)].map(([, id]) => id));
    const filters = referred(/"deviceAndAppManagementAssignmentFilterId":"([^"]+)"/g);
    expect(filters.size).toBeGreaterThan(1);
    expect([...filters].filter((id) => !ids("/assignmentFilters").has(id ?? ""))).toEqual([]);
    const tags = referred(/"roleScopeTagIds":\["([^"]+)"\]/g);
    expect([...tags].filter((id) => !ids("/roleScopeTags").has(id ?? ""))).toEqual([]);
  });

  it("of 50,000 is there at once and gives any page at once", () => {
    const started = performance.now();
    const store = tenant(1, 50_000);
    const spec = COLLECTIONS.find(({ path }) => path.endsWith("/configurationPolicies"));
    if (!spec) throw new Error("no configurationPolicies");
    const collection = store.collection(spec);
    expect(collection.count()).toBeGreaterThan(15_000);
    const last = collection.count() - 1;
    expect(collection.find(collection.idAt(last))).toBe(last);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe("drift", () => {
  const spec = COLLECTIONS.find(({ path }) => path.endsWith("/configurationPolicies"));
  if (!spec) throw new Error("no configurationPolicies");
  const snapshot = (store: TenantStore) =>
    new Map([...objects(store)].map(({ path, object }) => [`${path}/${object.id}`, object]));

  it("changes, adds and removes exactly what it says", () => {
    const store = tenant(5, 200);
    const before = snapshot(store);
    const { changed, added, removed } = store.drift({ change: 12, add: 5, remove: 4 });
    const after = snapshot(store);
    const named = (list: { collection: string; id: string }[]) =>
      list.map(({ collection, id }) => `${collection}/${id}`).sort();
    const differing = [...after].filter(([key, object]) => {
      const old = before.get(key);
      return old && JSON.stringify(old) !== JSON.stringify(object);
    });
    expect(differing.map(([key]) => key).sort()).toEqual(named(changed));
    expect(changed).toHaveLength(12);
    expect([...after.keys()].filter((key) => !before.has(key)).sort()).toEqual(named(added));
    expect([...before.keys()].filter((key) => !after.has(key)).sort()).toEqual(named(removed));
    store.reset();
    expect(snapshot(store)).toEqual(before);
  });

  it("touches only volatile fields and the order of assignments", () => {
    const store = tenant(5, 200);
    const before = snapshot(store);
    const { touched } = store.drift({ touch: 30, collection: spec.path });
    const after = snapshot(store);
    const steady = (object: GraphObject | undefined) => {
      const { lastModifiedDateTime: _, assignments, ...rest } = object ?? {};
      return { ...rest, assignments: (assignments as GraphObject[]).map(({ id }) => id).sort() };
    };
    for (const { collection, id } of touched) {
      const key = `${collection}/${id}`;
      expect(after.get(key)?.lastModifiedDateTime).not.toBe(before.get(key)?.lastModifiedDateTime);
      expect(steady(after.get(key))).toEqual(steady(before.get(key)));
    }
    expect(touched).toHaveLength(30);
  });
});
