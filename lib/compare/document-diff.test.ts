import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffDocuments, sameDocument, sayingOf } from "./document-diff.ts";

const setting = (place: number, definition: string, value: unknown) => ({
  id: String(place),
  settingInstance: {
    "@odata.type": "#microsoft.graph.deviceManagementConfigurationSimpleSettingInstance",
    settingDefinitionId: definition,
    simpleSettingValue: { value },
  },
});
const policy = (more: object) => ({ id: "p1", name: "Firewall", ...more });
const toGroup = (groupId: string, more: object = {}) => ({
  id: `p1_${groupId}`,
  target: { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId, ...more },
});

describe("a difference", () => {
  test("of a property tells before and after", () => {
    expect(diffDocuments(policy({ description: "old" }), policy({ description: "new" }))).toEqual([
      { kind: "changed", path: ["description"], before: "old", after: "new" },
    ]);
  });

  test("of a property that is there on one side only is added or removed, null and false included", () => {
    expect(diffDocuments(policy({ a: null }), policy({ b: false }))).toEqual([
      { kind: "removed", path: ["a"], before: null },
      { kind: "added", path: ["b"], after: false },
    ]);
  });

  test("of a setting is found by its definition, wherever it stands in the list", () => {
    const left = policy({ settings: [setting(0, "a", 1), setting(1, "b", 2)], settingCount: 2 });
    const right = policy({
      settings: [setting(0, "new", 9), setting(1, "b", 3), setting(2, "a", 1)],
      settingCount: 3,
    });
    expect(diffDocuments(left, right)).toEqual([
      {
        kind: "changed",
        path: ["settings", "[b]", "settingInstance", "simpleSettingValue", "value"],
        before: 2,
        after: 3,
      },
      { kind: "added", path: ["settings", "[new]"], after: setting(0, "new", 9) },
      { kind: "changed", path: ["settingCount"], before: 2, after: 3 },
    ]);
  });

  test("of an assignment is found by its target", () => {
    const left = policy({ assignments: [toGroup("g1"), toGroup("g2")] });
    const right = policy({
      assignments: [toGroup("g2", { deviceAndAppManagementAssignmentFilterType: "include" }), toGroup("g3")],
    });
    expect(diffDocuments(left, right)).toEqual([
      { kind: "removed", path: ["assignments", "[groupAssignmentTarget g1]"], before: toGroup("g1") },
      {
        kind: "added",
        path: [
          "assignments",
          "[groupAssignmentTarget g2]",
          "target",
          "deviceAndAppManagementAssignmentFilterType",
        ],
        after: "include",
      },
      { kind: "added", path: ["assignments", "[groupAssignmentTarget g3]"], after: toGroup("g3") },
    ]);
  });

  test("of a plain list names the values", () => {
    const changes = diffDocuments({ apps: ["a", "b", "c"] }, { apps: ["b", "c", "d"] });
    expect(changes).toHaveLength(2);
    expect(changes).toContainEqual({ kind: "removed", path: ["apps", "[0]"], before: "a" });
    expect(changes).toContainEqual({ kind: "added", path: ["apps", "[2]"], after: "d" });
  });

  test("of a list that becomes empty names each element", () => {
    const settings = [setting(0, "a", 1), setting(1, "b", 2)];
    expect(diffDocuments({ settings }, { settings: [] })).toEqual([
      { kind: "removed", path: ["settings", "[a]"], before: settings[0] },
      { kind: "removed", path: ["settings", "[b]"], before: settings[1] },
    ]);
  });

  test("of properties that are called like JavaScript's own is one like any other", () => {
    const odd = JSON.parse('{"__proto__": 1, "constructor": {"valueOf": 2}}');
    expect(diffDocuments({}, odd)).toEqual([
      { kind: "added", path: ["__proto__"], after: 1 },
      { kind: "added", path: ["constructor"], after: { valueOf: 2 } },
    ]);
  });
});

describe("no difference", () => {
  test("is another order of settings, of assignments, or of plain values", () => {
    const left = policy({
      settings: [setting(0, "a", 1), setting(1, "b", 2)],
      assignments: [toGroup("g1"), toGroup("g2")],
      roleScopeTagIds: ["0", "1"],
    });
    const right = policy({
      settings: [setting(0, "b", 2), setting(1, "a", 1)],
      assignments: [toGroup("g2"), toGroup("g1")],
      roleScopeTagIds: ["1", "0"],
    });
    expect(diffDocuments(left, right)).toEqual([]);
  });

  test("between tenants are ids, dates, scope tags and groups; what the policy says is one", () => {
    const left = {
      ...policy({ createdDateTime: "2024-01-01", assignments: [toGroup("g1")] }),
      roleScopeTagIds: ["0"],
      x: 1,
    };
    const right = {
      ...policy({ createdDateTime: "2025-01-01", assignments: [toGroup("g9")] }),
      id: "p2",
      roleScopeTagIds: ["7"],
      x: 2,
    };
    expect(diffDocuments(left, right, { acrossTenants: true })).toEqual([
      { kind: "changed", path: ["x"], before: 1, after: 2 },
    ]);
    expect(sameDocument(left, { ...right, x: 1 }, { acrossTenants: true })).toBe(true);
    expect(sameDocument(left, right, { acrossTenants: true })).toBe(false);
    expect(sameDocument(left, { ...right, x: 1 })).toBe(false);
  });
});

describe("between tenants", () => {
  const across = { acrossTenants: true };
  const guid = (n: number) => `${String(n).padStart(8, "0")}-1111-4111-8111-111111111111`;
  const says = (left: object, right: object) => ({
    same: sameDocument(left, right, across),
    text: sayingOf(left, across) === sayingOf(right, across),
  });
  const [same, different] = [
    { same: true, text: true },
    { same: false, text: false },
  ];

  test("partner tenants are the same ids everywhere, and a difference; the groups of a role's assignment are none", () => {
    const access = (...members: string[]) => ({
      conditions: {
        users: {
          excludeGuestsOrExternalUsers: { externalTenants: { membershipKind: "enumerated", members } },
        },
      },
    });
    expect(says(access(guid(1)), access(guid(2)))).toEqual(different);
    expect(says(access(guid(1), guid(2)), access(guid(2), guid(1)))).toEqual(same);
    const role = (member: string) => ({ roleAssignments: [{ displayName: "Helpdesk", members: [member] }] });
    expect(says(role(guid(1)), role(guid(2)))).toEqual(same);
  });

  test("whether an authentication method is for all users is a difference; which group it is for is none", () => {
    const methods = (...ids: string[]) => ({
      authenticationMethodConfigurations: [
        { id: "Sms", includeTargets: ids.map((id) => ({ id, targetType: "group" })) },
      ],
    });
    expect(says(methods("all_users"), methods(guid(1)))).toEqual(different);
    expect(says(methods(guid(1)), methods(guid(2)))).toEqual(same);
    expect(says(methods(guid(1)), methods(guid(1), guid(2)))).toEqual(different);
    expect(says(methods("all_users", guid(1)), methods(guid(2), "all_users"))).toEqual(same);
    const feature = (id: string) => ({ state: "enabled", excludeTarget: { id, targetType: "group" } });
    expect(says(feature("00000000-0000-0000-0000-000000000000"), feature(guid(1)))).toEqual(different);
    expect(says(feature(guid(1)), feature(guid(2)))).toEqual(same);
  });

  test("which filter an assignment has is no difference; that it has one is", () => {
    const filtered = (id: string | null, type: string) => ({
      assignments: [
        toGroup(guid(1), {
          deviceAndAppManagementAssignmentFilterId: id,
          deviceAndAppManagementAssignmentFilterType: type,
        }),
      ],
    });
    expect(says(filtered(guid(2), "include"), filtered(guid(3), "include"))).toEqual(same);
    expect(says(filtered(guid(2), "include"), filtered(guid(2), "exclude"))).toEqual(different);
    expect(says(filtered(guid(2), "include"), filtered(null, "none"))).toEqual(different);
  });

  test("the order of what each tenant numbers by itself is no difference", () => {
    const assigned = (...intents: string[]) => ({
      assignments: intents.map((intent, n) => ({ ...toGroup(guid(n)), intent })),
    });
    expect(says(assigned("required", "available"), assigned("available", "required"))).toEqual(same);
    expect(says(assigned("required", "available"), assigned("available", "available"))).toEqual(different);
    const linked = (...kinds: string[]) => ({
      relationships: kinds.map((kind, n) => ({ id: guid(n), dependencyType: kind })),
    });
    expect(says(linked("detect", "install"), linked("install", "detect"))).toEqual(same);
    // Without an id, the place may be what counts.
    const ranges = (...list: string[]) => ({ ipRanges: list.map((cidrAddress) => ({ cidrAddress })) });
    expect(says(ranges("10.0.0.0/8", "10.1.0.0/16"), ranges("10.1.0.0/16", "10.0.0.0/8"))).toEqual(different);
  });

  test("elements that are told apart by nothing else are shown by the tenants' own", () => {
    const left = { assignments: [{ ...toGroup(guid(1)), intent: "available" }] };
    const right = {
      assignments: [...left.assignments, { ...toGroup(guid(0)), intent: "required" }].reverse(),
    };
    expect(diffDocuments(left, right, across)).toEqual([
      { kind: "added", path: ["assignments", "[groupAssignmentTarget #2]"], after: right.assignments[0] },
    ]);
  });
});

describe("any two documents", () => {
  /** Few names and values, so that two documents often agree in parts; ids, definitions and targets as policies have. */
  const scalar = fc.constantFrom<unknown>(null, true, 0, 1, "a", "b", "");
  const key = fc.constantFrom(
    "id",
    "name",
    "groupId",
    "includeTargets",
    "membershipKind",
    "settingDefinitionId",
    "apps",
    "members",
    "constructor",
  );
  const { node } = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      scalar,
      fc.array(tie("node"), { maxLength: 3 }),
      fc.dictionary(key, tie("node"), { maxKeys: 3 }),
    ),
  }));
  const near = fc.dictionary(key, node, { maxKeys: 4 });
  const far = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }));
  const document = fc.oneof(near, far);
  const options = fc.record({ acrossTenants: fc.boolean() });

  test("say the same if and only if no difference is found, and then as a text too", () => {
    const counts = { same: 0, different: 0 };
    fc.assert(
      fc.property(
        fc.oneof(
          fc.tuple(document, document),
          document.map((a) => [a, reordered(a)] as const),
        ),
        options,
        ([a, b], across) => {
          const changes = diffDocuments(a, b, across);
          expect(sameDocument(a, b, across)).toBe(changes.length === 0);
          expect(sayingOf(a, across) === sayingOf(b, across)).toBe(changes.length === 0);
          expect(diffDocuments(b, a, across).length === 0).toBe(changes.length === 0);
          counts[changes.length === 0 ? "same" : "different"] += 1;
        },
      ),
      { numRuns: 3_000 },
    );
    expect(Math.min(counts.same, counts.different)).toBeGreaterThan(300);
  });

  test("have no differences with themselves", () => {
    fc.assert(
      fc.property(document, options, (a, across) => {
        expect(diffDocuments(a, structuredClone(a), across)).toEqual([]);
      }),
    );
  });

  test("that differ in the order of plain values alone say the same", () => {
    const [left, right] = [{ includeApplications: ["A", "B"] }, { includeApplications: ["B", "A"] }];
    expect(diffDocuments(left, right)).toEqual([]);
    expect(sameDocument(left, right)).toBe(true);
  });

  /** Every list backwards. */
  function reordered(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(reordered).reverse();
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reordered(inner)]));
  }
});
