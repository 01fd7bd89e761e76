import { describe, expect, test } from "vitest";
import { catalog } from "#lib/policies/catalog";
import type { ReferenceKind } from "#lib/policies/write/write-rule";
import { codesOf as codes, planOf as plan, requestsOf as requests, typeOfKey } from "#lib/testing/planned";
import type { Document } from "./document.ts";
import { definitionKey } from "./imported-settings.ts";
import { mappingOf } from "./mapping.ts";
import { matchLive } from "./match.ts";
import type { Offers } from "./offered.ts";
import { inOrder } from "./order.ts";
import type { ItemPlan, Resolution, RestoreInput, WriteRequest } from "./plan.ts";
import { withNewId } from "./plan-item.ts";
import { blankSecrets } from "./secrets.ts";

const ONE = "11111111-0000-4000-8000-000000000001";
const TWO = "11111111-0000-4000-8000-000000000002";
const group = (groupId: string, kind = "groupAssignmentTarget") => ({
  id: `x_${groupId}`,
  source: "direct",
  sourceId: "x",
  target: {
    "@odata.type": `#microsoft.graph.${kind}`,
    groupId,
    deviceAndAppManagementAssignmentFilterId: null,
    deviceAndAppManagementAssignmentFilterType: "none",
  },
});
const smsCollection = (collectionId: string) => ({
  target: { "@odata.type": "#microsoft.graph.configurationManagerCollectionAssignmentTarget", collectionId },
});
const script = {
  id: "s",
  displayName: "Script",
  createdDateTime: "2025-01-01T00:00:00Z",
  fileName: "a.ps1",
  runSummary: { id: "r" },
  roleScopeTagIds: ["0"],
  assignments: [group(ONE)],
};
const access = {
  id: "p",
  displayName: "MFA",
  state: "enabled",
  conditions: {
    applications: { includeApplications: ["All"] },
    users: { includeUsers: ["All"], excludeUsers: [ONE], excludeGroups: [TWO], includeGroups: [] },
    locations: { includeLocations: ["AllTrusted"] },
  },
  grantControls: {
    operator: "OR",
    builtInControls: [],
    authenticationStrength: { id: "00000000-0000-0000-0000-000000000002", displayName: "MFA" },
  },
  sessionControls: { disableResilienceDefaults: null },
};

describe("what is written", () => {
  test("nothing of Graph's own, and assignments after the object", () => {
    const made = plan("deviceManagementScript", script);
    expect(made.outcome).toBe("create");
    const [create, assign] = requests(made);
    expect(create).toMatchObject({
      method: "POST",
      path: "deviceManagement/deviceManagementScripts",
      creates: true,
    });
    expect(create?.body).toEqual({ displayName: "Script", fileName: "a.ps1", roleScopeTagIds: ["0"] });
    expect(withNewId(assign as WriteRequest, "new")).toMatchObject({
      path: "deviceManagement/deviceManagementScripts/new/assign",
      body: {
        deviceManagementScriptAssignments: [
          { target: { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: ONE } },
        ],
      },
    });
  });

  test("nothing where nothing differs, assignments alone where they alone differ, else what differs", () => {
    expect(plan("deviceManagementScript", script, { live: { ...script, runSummary: null } }).outcome).toBe(
      "unchanged",
    );
    const unassigned = plan("deviceManagementScript", script, { live: { ...script, assignments: [] } });
    expect([unassigned.outcome, requests(unassigned).length]).toEqual(["assign", 1]);
    const renamed = plan("deviceManagementScript", script, { live: { ...script, displayName: "Other" } });
    expect(requests(renamed).map(({ method, body }) => [method, body])).toEqual([
      ["PATCH", { displayName: "Script" }],
    ]);
    expect(renamed).toMatchObject({ changes: [{ path: ["displayName"], before: "Other", after: "Script" }] });
  });

  test("in the other modes: assignments alone, or a copy under another name beside the live one", () => {
    const live = { ...script, displayName: "Other", assignments: [] };
    const assigned = plan("deviceManagementScript", script, { live, mode: { kind: "assignments" } });
    expect(requests(assigned).map(({ stage }) => stage)).toEqual(["assignment"]);
    const copy = plan("deviceManagementScript", script, {
      live: script,
      mode: { kind: "copy", prefix: "[Restored] " },
    });
    expect(requests(copy)[0]).toMatchObject({ method: "POST", body: { displayName: "[Restored] Script" } });
    expect(requests(copy).map(({ stage }) => stage)).toEqual(["policy", "assignment"]);
    // What is not written stands in nobody's way.
    const resolve = (kind: ReferenceKind, id: string): Resolution => (kind === "group" ? { id } : "unknown");
    const tagged = { ...script, roleScopeTagIds: ["7"] };
    expect(
      plan("deviceManagementScript", tagged, { live, resolve, mode: { kind: "assignments" } }).outcome,
    ).toBe("assign");
    expect(codes(plan("deviceManagementScript", script, { mode: { kind: "assignments" } }))).toEqual([
      "no_live_object",
    ]);
    expect(
      plan("namedLocation", script, {
        live: { ...script, displayName: "Other" },
        mode: { kind: "assignments" },
      }).outcome,
    ).toBe("impossible");
  });

  test("assignments of a policy set come back with the set, exclusions without a filter, a filter with its kind", () => {
    const filtered = {
      deviceAndAppManagementAssignmentFilterId: TWO,
      deviceAndAppManagementAssignmentFilterType: "include",
    };
    const target = (kind: string) => ({ "@odata.type": `#microsoft.graph.${kind}`, groupId: ONE });
    const assignments = [
      { ...group(TWO), source: "policySets" },
      { target: { ...target("groupAssignmentTarget"), ...filtered } },
      { target: { ...target("exclusionGroupAssignmentTarget"), ...filtered } },
    ];
    const [assign] = requests(plan("deviceManagementScript", { ...script, assignments }, { live: script }));
    expect(assign?.body.deviceManagementScriptAssignments).toEqual([
      { target: { ...target("groupAssignmentTarget"), ...filtered } },
      { target: target("exclusionGroupAssignmentTarget") },
    ]);
  });

  test("what the live policy has and the backup lacks is emptied, in complex values too: PATCH merges", () => {
    const backup = {
      "@odata.type": "#microsoft.graph.iosGeneralDeviceConfiguration",
      id: "d",
      inner: { a: 1 },
    };
    const live = { ...backup, inner: { a: 2, b: "x", c: [1] }, more: "y", flag: true, list: [1] };
    const [patch] = requests(plan("deviceConfiguration", backup, { live }));
    expect(patch?.body).toEqual({
      "@odata.type": backup["@odata.type"],
      inner: { a: 1, b: null, c: [] },
      more: null,
      flag: false,
      list: [],
    });
  });

  test("settings whole by PUT, children never null", () => {
    const setting = {
      id: "0",
      settingInstance: {
        "@odata.type": "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance",
        choiceSettingValue: { value: "a_1", children: null },
      },
    };
    const policy = {
      id: "c",
      name: "P",
      platforms: "windows10",
      technologies: "mdm",
      settingCount: 1,
      settings: [setting],
      templateReference: { templateId: "", templateFamily: "none" },
    };
    const [put] = requests(plan("settingsCatalogPolicy", policy, { live: { ...policy, settings: [] } }));
    expect(put?.method).toBe("PUT");
    expect(put?.body).toEqual({
      name: "P",
      platforms: "windows10",
      technologies: "mdm",
      templateReference: { templateId: "" },
      settings: [
        {
          settingInstance: { ...setting.settingInstance, choiceSettingValue: { value: "a_1", children: [] } },
        },
      ],
    });
  });

  test("compliance: actions apart from the rest, under the name that Graph wants", () => {
    const configured = [
      {
        id: "a",
        actionType: "block",
        gracePeriodHours: 0,
        notificationTemplateId: "00000000-0000-0000-0000-000000000000",
        notificationMessageCCList: [],
      },
    ];
    const backup = {
      "@odata.type": "#microsoft.graph.iosCompliancePolicy",
      id: "c",
      displayName: "C",
      scheduledActionsForRule: [{ id: "c", ruleName: null, scheduledActionConfigurations: configured }],
    };
    const [create] = requests(plan("deviceCompliancePolicy", backup));
    expect(create?.body.scheduledActionsForRule).toMatchObject([
      { ruleName: "PasswordRequired", scheduledActionConfigurations: [{ actionType: "block" }] },
    ]);
    const live = { ...backup, displayName: "D", scheduledActionsForRule: [] };
    const [patch, actions] = requests(plan("deviceCompliancePolicy", backup, { live }));
    expect(patch?.body).toEqual({ "@odata.type": backup["@odata.type"], displayName: "C" });
    expect(actions).toMatchObject({
      method: "POST",
      path: "deviceManagement/deviceCompliancePolicies/c/scheduleActionsForRules",
    });
    expect(JSON.stringify(actions?.body)).not.toContain('"id"');
  });

  test("nothing is deleted: what the backup lacks and no list replaces stays, and is named", () => {
    const terms = { id: "t", displayName: "T", assignments: [group(ONE)] };
    const made = plan("termsAndConditions", terms, { live: { ...terms, assignments: [group(TWO)] } });
    expect(requests(made).map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST deviceManagement/termsAndConditions/t/assignments",
    ]);
    expect(made).toMatchObject({ stays: [{ path: "assignments", what: TWO }] });
    const message = (locale: string) => ({
      id: `n_${locale}`,
      locale,
      subject: locale,
      isDefault: locale === "en-us",
    });
    const template = {
      id: "n",
      displayName: "N",
      localizedNotificationMessages: [message("de-de"), message("en-us")],
    };
    const other = plan("notificationMessageTemplate", template, {
      live: { ...template, localizedNotificationMessages: [message("fr-fr")] },
    });
    expect(requests(other).map(({ body }) => body.locale)).toEqual(["en-us", "de-de"]);
    expect(other).toMatchObject({ stays: [{ what: "fr-fr" }] });
    for (const { key } of catalog)
      expect(["POST", "PATCH", "PUT", undefined]).toContain(
        (plan(key, { id: "x" }) as { requests?: WriteRequest[] }).requests?.[0]?.method,
      );
  });
});

describe("references", () => {
  const to = (map: Record<string, Resolution>) => (_: ReferenceKind, id: string) => map[id] ?? "unknown";

  test("are rewritten where they stand and nowhere else, well-known ids pass", () => {
    const backup = { ...script, description: `Do not remove ${ONE}`, roleScopeTagIds: ["0", "5"] };
    const made = plan("deviceManagementScript", backup, {
      resolve: to({ [ONE]: { id: TWO }, "5": { id: "7" } }),
    });
    expect(requests(made)[0]?.body).toMatchObject({
      description: `Do not remove ${ONE}`,
      roleScopeTagIds: ["0", "7"],
    });
    expect(JSON.stringify(requests(made)[1]?.body)).toContain(TWO);
    const known = {
      ...access,
      conditions: {
        ...access.conditions,
        users: {
          includeUsers: ["GuestsOrExternalUsers"],
          includeRoles: ["62e90394-69f5-4237-9190-012177145e10"],
        },
      },
    };
    expect(plan("conditionalAccessPolicy", known, { resolve: to({}) }).outcome).toBe("create");
  });

  test("that are reusable settings are found inside settings", () => {
    const value = (id: string) => ({
      "@odata.type": "#microsoft.graph.deviceManagementConfigurationReferenceSettingValue",
      value: id,
    });
    const policy = {
      id: "c",
      name: "P",
      settings: [{ settingInstance: { simpleSettingCollectionValue: [value(ONE)] } }],
    };
    const made = plan("settingsCatalogPolicy", policy, { resolve: to({ [ONE]: { id: TWO } }) });
    expect(JSON.stringify(requests(made)[0]?.body)).toContain(TWO);
    expect(codes(plan("settingsCatalogPolicy", policy, { resolve: to({}) }))).toEqual(["unresolved"]);
  });

  test.each<[string, string, Document, Record<string, Resolution>, unknown]>([
    ["a missing group", "deviceManagementScript", script, {}, ["unresolved"]],
    ["one of several names", "deviceManagementScript", script, { [ONE]: "ambiguous" }, ["ambiguous"]],
    ["the last group left out", "deviceManagementScript", script, { [ONE]: "left out" }, ["unassigned"]],
    [
      "one of two left out",
      "deviceManagementScript",
      { ...script, assignments: [group(ONE), group(TWO)] },
      { [ONE]: "left out", [TWO]: { id: TWO } },
      "create",
    ],
    [
      "an excluded group left out",
      "deviceManagementScript",
      { ...script, assignments: [group(TWO), group(ONE, "exclusionGroupAssignmentTarget")] },
      { [ONE]: "left out", [TWO]: { id: TWO } },
      ["excluded_unresolved"],
    ],
    [
      "a filter left out",
      "deviceManagementScript",
      {
        ...script,
        assignments: [
          {
            target: {
              "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget",
              deviceAndAppManagementAssignmentFilterId: ONE,
              deviceAndAppManagementAssignmentFilterType: "include",
            },
          },
        ],
      },
      { [ONE]: "left out" },
      ["wider_reach"],
    ],
    [
      "a collection of another Configuration Manager; those that all have are the same",
      "deviceManagementScript",
      { ...script, assignments: [smsCollection("ABC00012"), smsCollection("SMS00001")] },
      {},
      ["unresolved"],
    ],
    [
      "a missing scope tag",
      "assignmentFilter",
      { id: "f", displayName: "F", roleScopeTags: ["4"] },
      {},
      ["unresolved"],
    ],
    [
      "the last scope tag left out",
      "assignmentFilter",
      { id: "f", displayName: "F", roleScopeTags: ["4"] },
      { "4": "left out" },
      ["wider_reach"],
    ],
    [
      "people excluded from conditional access that cannot be found",
      "conditionalAccessPolicy",
      access,
      { [TWO]: "left out" },
      ["excluded_unresolved", "excluded_unresolved"],
    ],
    [
      "a location excluded from conditional access left out",
      "conditionalAccessPolicy",
      {
        ...access,
        conditions: {
          applications: { includeApplications: ["All"] },
          users: { includeUsers: ["All"] },
          locations: { includeLocations: ["All"], excludeLocations: [ONE] },
        },
      },
      { [ONE]: "left out" },
      ["excluded_unresolved"],
    ],
    [
      "a workload excluded from conditional access that cannot be found",
      "conditionalAccessPolicy",
      {
        ...access,
        conditions: {
          applications: { includeApplications: ["All"] },
          users: { includeUsers: ["None"] },
          clientApplications: {
            includeServicePrincipals: ["ServicePrincipalsInMyTenant"],
            excludeServicePrincipals: [TWO],
          },
        },
      },
      {},
      ["excluded_unresolved"],
    ],
    [
      "an authentication strength left out",
      "conditionalAccessPolicy",
      {
        id: "p",
        displayName: "Phishing-resistant",
        state: "disabled",
        conditions: { applications: { includeApplications: ["All"] }, users: { includeUsers: ["All"] } },
        grantControls: {
          operator: "AND",
          builtInControls: ["compliantDevice"],
          authenticationStrength: { id: ONE },
        },
      },
      { [ONE]: "left out" },
      ["unresolved"],
    ],
    [
      "a certificate of a profile left out",
      "deviceConfiguration",
      {
        "@odata.type": "#microsoft.graph.iosEnterpriseWiFiConfiguration",
        id: "w",
        displayName: "W",
        identityCertificateForClientAuthentication: { id: ONE },
      },
      { [ONE]: "left out" },
      ["unresolved"],
    ],
    [
      "a notification left out, where Graph has a value for none",
      "deviceCompliancePolicy",
      {
        "@odata.type": "#microsoft.graph.iosCompliancePolicy",
        id: "c",
        displayName: "C",
        scheduledActionsForRule: [
          {
            ruleName: null,
            scheduledActionConfigurations: [
              { actionType: "block", gracePeriodHours: 0, notificationTemplateId: ONE },
            ],
          },
        ],
      },
      { [ONE]: "left out" },
      "create",
    ],
    ["what the same restore makes", "deviceManagementScript", script, { [ONE]: "pending" }, "create"],
  ])("%s", (_, key, backup, map, expected) => {
    expect(codes(plan(key, backup, { resolve: to(map) }))).toEqual(expected);
  });

  test("are found as people decided, as the restore makes them, by id, else by the only name; users never by name", () => {
    const source = [
      { kind: "group", id: "a", name: "Pilot" },
      { kind: "group", id: "b", name: "Twice" },
      { kind: "user", id: "u", name: "Marta" },
      { kind: "scopeTag", id: "3", name: "Site" },
    ] as const;
    const target = [
      { kind: "group", id: "x", name: "Pilot" },
      { kind: "group", id: "y", name: "Twice" },
      { kind: "group", id: "z", name: "Twice" },
      { kind: "user", id: "v", name: "Marta" },
      { kind: "scopeTag", id: "3", name: "Other" },
      { kind: "scopeTag", id: "4", name: "Site" },
    ] as const;
    const resolve = mappingOf({
      source,
      target,
      decisions: new Map([["group c", "left out"]]),
      made: new Map([
        ["group d", null],
        ["group e", "new"],
      ]),
    });
    expect([
      resolve("group", "a"),
      resolve("group", "b"),
      resolve("user", "u"),
      resolve("scopeTag", "3"),
    ]).toEqual([{ id: "x" }, "ambiguous", "unknown", { id: "4" }]);
    expect([
      resolve("group", "c"),
      resolve("group", "d"),
      resolve("group", "e"),
      resolve("group", "x"),
    ]).toEqual(["left out", "pending", { id: "new" }, { id: "x" }]);
  });

  test("that tenants count by themselves are another's in another tenant, unless the name says otherwise", () => {
    const target = [{ kind: "scopeTag", id: "3", name: "Finance" }] as const;
    expect(mappingOf({ source: [], target })("scopeTag", "3")).toEqual({ id: "3" });
    expect(mappingOf({ source: [], target, isForeign: true })("scopeTag", "3")).toBe("unknown");
    const source = target;
    expect(mappingOf({ source, target, isForeign: true })("scopeTag", "3")).toEqual({ id: "3" });
    const contexts = {
      source: [{ kind: "authenticationContext", id: "c1", name: "Guests" }],
      target: [
        { kind: "authenticationContext", id: "c1", name: "Administrators" },
        { kind: "authenticationContext", id: "c2", name: "Guests" },
      ],
    } as const;
    expect(mappingOf(contexts)("authenticationContext", "c1")).toEqual({ id: "c1" });
    expect(mappingOf({ ...contexts, isForeign: true })("authenticationContext", "c1")).toEqual({ id: "c2" });
    const none = { source: [], target: [] };
    expect(mappingOf(none)("collection", "ABC00012")).toEqual({ id: "ABC00012" });
    expect(mappingOf({ ...none, isForeign: true })("collection", "ABC00012")).toBe("unknown");
  });
});

describe("guards of conditional access", () => {
  test("a new policy reports only, with the strength as Graph takes it; a second step enables it", () => {
    const made = plan("conditionalAccessPolicy", access);
    expect(requests(made)[0]?.body).toMatchObject({
      state: "enabledForReportingButNotEnforced",
      grantControls: {
        operator: "AND",
        authenticationStrength: { id: "00000000-0000-0000-0000-000000000002" },
      },
      sessionControls: {},
    });
    expect(requests(made)[0]?.body.sessionControls).toEqual({});
    expect(made).toMatchObject({ later: [{ request: { method: "PATCH", body: { state: "enabled" } } }] });
    expect(requests(plan("conditionalAccessPolicy", { ...access, state: "disabled" }))[0]?.body.state).toBe(
      "disabled",
    );
  });

  test("to enable one that is off asks for a confirmation", () => {
    expect(plan("conditionalAccessPolicy", access, { live: { ...access, state: "disabled" } })).toMatchObject(
      { outcome: "update", confirm: [expect.stringContaining("enables")] },
    );
  });

  test("the accounts for emergencies stay excluded, where a policy is enabled", () => {
    const of = (users: string[], groups: string[], state = "enabled") =>
      codes(plan("conditionalAccessPolicy", { ...access, state }, { breakGlass: { users, groups } }));
    expect([
      of([TWO], []),
      of([ONE], []),
      of([], [TWO]),
      of([ONE, TWO], []),
      of([TWO], [], "disabled"),
    ]).toEqual([["break_glass"], "create", "create", ["break_glass"], "create"]);
    // A policy for workloads alone reaches no account.
    const workloads = (users: Document) =>
      codes(
        plan(
          "conditionalAccessPolicy",
          {
            ...access,
            conditions: {
              applications: { includeApplications: ["All"] },
              users,
              clientApplications: { includeServicePrincipals: ["ServicePrincipalsInMyTenant"] },
            },
          },
          { breakGlass: { users: [TWO], groups: [] } },
        ),
      );
    expect([
      workloads({ includeUsers: ["None"] }),
      workloads({ includeUsers: ["None"], includeRoles: ["62e90394-69f5-4237-9190-012177145e10"] }),
      workloads({ includeUsers: ["All"] }),
    ]).toEqual(["create", ["break_glass"], ["break_glass"]]);
    // Nobody knows who is in a group, nor whether an account is in one of them: all that are named stay excluded.
    const other = "11111111-0000-4000-8000-000000000003";
    expect([of([], [TWO, other]), of([other], [TWO]), of([ONE], [other]), of([ONE], [TWO])]).toEqual([
      ["break_glass"],
      ["break_glass"],
      ["break_glass"],
      "create",
    ]);
  });
});

describe("what the live tenant offers", () => {
  const nothing: Offers = { templates: [], imported: [], successors: [], deleted: [] };

  describe("of Microsoft's templates", () => {
    const policy = (...settingIds: string[]): Document => ({
      id: "c",
      name: "P",
      templateReference: { templateId: "t_1", templateFamily: "endpointSecurityFirewall" },
      settings: settingIds.map((settingDefinitionId) => ({ settingInstance: { settingDefinitionId } })),
    });
    const path = "deviceManagement/configurationPolicyTemplates";
    const offers = (isOffered: boolean, settings: string[] | null): Offers => ({
      ...nothing,
      templates: [{ path, id: "t_1", name: "Firewall", isOffered, settings }],
    });
    const made = (backup: Document, change: Partial<RestoreInput>) =>
      plan("endpointSecurityPolicy", backup, change);

    test("of one that it does not offer no policy is made, as a copy neither, and a live one is updated", () => {
      const retired = { offers: offers(false, null) };
      expect(made(policy("a"), retired)).toMatchObject({
        outcome: "impossible",
        why: expect.stringContaining("“Firewall”"),
      });
      const copy = { ...retired, live: policy("a"), mode: { kind: "copy", prefix: "C " } as const };
      expect(made(policy("a"), copy).outcome).toBe("impossible");
      const live = { ...policy("a"), name: "Q" };
      expect(made(policy("a"), { ...retired, live }).outcome).toBe("update");
      // Of other templates, and where nobody could look, Graph has the last word.
      expect([
        made(policy("a"), { offers: nothing }).outcome,
        made(policy("a"), { offers: null }).outcome,
        made(policy("a"), { offers: offers(true, ["a"]) }).outcome,
      ]).toEqual(["create", "create", "create"]);
    });

    test("nothing is written of a policy with a setting that it does not offer, and none is left out", () => {
      const some = { offers: offers(true, ["a"]) };
      expect(made(policy("A", "b", "c"), some)).toMatchObject({
        outcome: "impossible",
        why: expect.stringMatching(/b, c\.$/),
      });
      expect(made(policy("a", "b"), { ...some, live: policy("a") }).outcome).toBe("impossible");
      // What the live policy holds it may keep; assignments say nothing of settings.
      expect(made(policy("a", "b"), { ...some, live: policy("b") }).outcome).toBe("update");
      const assigned = { ...policy("a", "b"), assignments: [group(ONE)] };
      expect(
        made(assigned, { ...some, live: { ...policy("a"), assignments: [] }, mode: { kind: "assignments" } })
          .outcome,
      ).toBe("assign");
      // A place in the template that is named by the setting is as good as the setting's id.
      const placed = {
        ...policy(),
        settings: [
          {
            settingInstance: {
              settingDefinitionId: "renamed",
              settingInstanceTemplateReference: { settingInstanceTemplateId: "PLACE" },
            },
          },
        ],
      };
      expect(made(placed, { offers: offers(true, ["place"]) }).outcome).toBe("create");
    });
  });

  describe("of the settings of a template", () => {
    const path = "deviceManagement/configurationPolicyTemplates";
    const template = { path, id: "t_1", name: "Firewall", isOffered: true, settings: ["a", "b"] };
    const offers = (more: Partial<Offers["templates"][number]>) => ({
      offers: { ...nothing, templates: [{ ...template, ...more }] },
    });
    const setting = (settingDefinitionId: string, value: string, children: Document[] = []) => ({
      settingInstance: { settingDefinitionId, choiceSettingValue: { value, children } },
    });
    const policy = (...settings: Document[]): Document => ({
      id: "c",
      name: "P",
      templateReference: { templateId: "t_1", templateFamily: "endpointSecurityFirewall" },
      settings,
    });
    const made = (backup: Document, change: Partial<RestoreInput>) =>
      plan("endpointSecurityPolicy", backup, change);

    test("ids are written as the tenant spells them, at every depth, and are no difference otherwise", () => {
      const child = { settingDefinitionId: "b_child", simpleSettingValue: { value: "b_child" } };
      const small = policy(setting("a", "a_on", [child]), setting("b", "b_1"));
      const spelled = offers({ spellings: ["A", "A_On", "B_Child"] });
      const [post] = requests(made(small, spelled));
      expect(post?.body.settings).toEqual([
        // What somebody entered is no id, whatever it looks like.
        setting("A", "A_On", [{ ...child, settingDefinitionId: "B_Child" }]),
        setting("b", "b_1"),
      ]);
      expect(requests(made(small, offers({})))[0]?.body.settings).toEqual(small.settings);
      // Graph gives some back in small letters that it does not take so.
      const large = policy(
        setting("A", "A_On", [{ ...child, settingDefinitionId: "B_Child" }]),
        setting("b", "b_1"),
      );
      expect(made(small, { ...spelled, live: large }).outcome).toBe("unchanged");
      expect(made(large, { ...spelled, live: small }).outcome).toBe("unchanged");
      const [put] = requests(made(small, { ...spelled, live: { ...small, name: "Q" } }));
      expect([put?.method, put?.body.settings]).toEqual(["PUT", post?.body.settings]);
    });

    test("one that every policy must have, and the backup lacks, is named and stops it", () => {
      const required = [
        { definition: "A", place: null, name: null },
        { definition: "later", place: "PLACE", name: "Added later" },
      ];
      const wanted = offers({ required });
      const of = (...settings: Document[]): Document => ({
        ...policy(...settings),
        templateReference: { templateId: "t_1", templateFamily: "enrollmentConfiguration" },
      });
      const old = of(setting("a", "a_1"));
      // Only what enrolls devices is held to it: all others are taken with some of their settings.
      expect(made(policy(setting("a", "a_1")), wanted).outcome).toBe("create");
      const byTechnology = { ...policy(setting("a", "a_1")), technologies: "mdm,enrollment" };
      expect(made(byTechnology, wanted).outcome).toBe("impossible");
      expect(made(old, wanted)).toMatchObject({
        outcome: "impossible",
        why: expect.stringMatching(/“Firewall”.*: “Added later” \(later\)\./),
      });
      const placed = {
        settingInstance: {
          settingDefinitionId: "renamed",
          settingInstanceTemplateReference: { settingInstanceTemplateId: "place" },
        },
      };
      const whole = [of(setting("a", "a_1"), setting("Later", "x")), of(setting("a", "a_1"), placed)];
      const other = { offers: { ...nothing, templates: [{ ...template, settings: null, required }] } };
      expect(whole.map((backup) => made(backup, other).outcome)).toEqual(["create", "create"]);
      // Graph refuses a change as well, also of one that never had it; assignments say nothing of it.
      const live = { ...of(setting("a", "a_1")), name: "Q" };
      expect(made(old, { ...wanted, live }).outcome).toBe("impossible");
      const assigned = { ...old, assignments: [group(ONE)] };
      const mode = { kind: "assignments" } as const;
      const bare = { ...of(setting("a", "a_1"), setting("later", "x")), assignments: [] };
      expect(made(assigned, { ...wanted, live: bare, mode }).outcome).toBe("assign");
    });
  });

  describe("of what becomes of legacy endpoint security", () => {
    const intent: Document = { id: "i", displayName: "Disks", templateId: "t", settings: [] };
    const successors = [{ path: "deviceManagement/configurationPolicies", id: "n", name: "Disks" }];

    test("one that Microsoft has made a policy of the settings catalog is not made again", () => {
      const offers = { ...nothing, successors };
      const moved = plan("endpointSecurityIntent", intent, { offers });
      expect(codes(moved)).toEqual(["migrated"]);
      expect(moved).toMatchObject({ reasons: [{ message: expect.stringContaining("(n)") }] });
      expect(
        codes(plan("endpointSecurityIntent", intent, { offers: { ...nothing, successors: null } })),
      ).toEqual(["unread"]);
      const other = { ...intent, displayName: "Firewall" };
      expect(plan("endpointSecurityIntent", other, { offers }).outcome).toBe("create");
      const mode = { kind: "copy", prefix: "Old " } as const;
      expect(plan("endpointSecurityIntent", intent, { offers, mode }).outcome).toBe("create");
      // One that is still there is what it was.
      const live = { ...intent, displayName: "Discs" };
      expect(plan("endpointSecurityIntent", intent, { offers, live }).outcome).toBe("update");
    });

    test("one that is being moved is left alone, and of a retired template none is made", () => {
      const moving = { ...intent, displayName: "Discs", isMigratingToConfigurationPolicy: true };
      expect(plan("endpointSecurityIntent", intent, { live: moving }).outcome).toBe("impossible");
      const template = { path: "deviceManagement/templates", id: "t", name: null, settings: null };
      const offers = { ...nothing, templates: [{ ...template, isOffered: false }] };
      expect(plan("endpointSecurityIntent", intent, { offers }).outcome).toBe("impossible");
      const live = { ...intent, displayName: "Discs" };
      expect(plan("endpointSecurityIntent", intent, { offers, live }).outcome).toBe("update");
    });
  });

  describe("of imported ADMX files", () => {
    const setting = { classType: "machine", displayName: "Home page", categoryPath: "\\Vendor" };
    const policy = (definitionId: string, presentationId: string): Document => ({
      id: "g",
      displayName: "G",
      definitionValues: [
        {
          id: "v",
          enabled: true,
          configurationType: "policy",
          definition: { id: definitionId, ...setting, policyType: "admxIngested" },
          presentationValues: [
            {
              "@odata.type": "#microsoft.graph.groupPolicyPresentationValueText",
              id: "w",
              value: "https://contoso.example",
              presentation: {
                "@odata.type": "#microsoft.graph.groupPolicyPresentationTextBox",
                id: presentationId,
                label: "Address",
              },
            },
          ],
        },
      ],
    });
    const there = (id: string, presentationId: string, label = "address") => ({
      id,
      key: definitionKey(setting),
      presentations: [{ id: presentationId, label, type: "groupPolicyPresentationTextBox" }],
    });
    const made = (imported: Offers["imported"], change: Partial<RestoreInput> = {}) =>
      plan("groupPolicyConfiguration", policy("d1", "p1"), { offers: { ...nothing, imported }, ...change });

    test("a setting gets the ids that it has here, found by class, name and category, and what it asks for by its label", () => {
      const [create, values] = requests(made([there("d2", "p2")]));
      expect(create?.creates).toBe(true);
      const body = JSON.stringify(values?.body);
      expect(body).toContain("groupPolicyDefinitions('d2')/presentations('p2')");
      expect(body).not.toMatch(/d1|p1/);
      // The same import: nothing is looked for.
      expect(JSON.stringify(requests(made([there("d1", "p1"), there("d2", "p2")])))).toContain(
        "('d1')/presentations('p1')",
      );
      // Compared with the same ids, it is as it was.
      expect(made([there("d2", "p2")], { live: { ...policy("d2", "p2"), id: "h" } }).outcome).toBe(
        "unchanged",
      );
    });

    test("one that is not found, or not for certain, stops the policy before an empty one is made", () => {
      expect([
        codes(made([])),
        codes(made([there("d2", "p2"), there("d3", "p3")])),
        codes(made([there("d2", "p2", "another")])),
        codes(made(null)),
      ]).toEqual([["unresolved"], ["ambiguous"], ["unresolved"], ["unread"]]);
      // What the live policy holds is of the same import, whatever could be read.
      const live = { ...policy("d1", "p1"), displayName: "H" };
      expect(made(null, { live }).outcome).toBe("update");
    });

    test("one that is Microsoft's own has the same ids everywhere", () => {
      const text = JSON.stringify(policy("d1", "p1")).replace("admxIngested", "admxBacked");
      const own = plan("groupPolicyConfiguration", JSON.parse(text) as Document, { offers: nothing });
      expect(JSON.stringify(requests(own))).toContain("('d1')/presentations('p1')");
    });
  });

  test("of what was deleted comes back under its own id, before another one is made; as a copy not", () => {
    const path = "identity/conditionalAccess/deletedItems/policies";
    const offers = { ...nothing, deleted: [{ path, id: "p" }] };
    const [back, create] = requests(plan("conditionalAccessPolicy", access, { offers }));
    expect(back).toMatchObject({
      method: "POST",
      version: "beta",
      path: `${path}/p/restore`,
      creates: true,
      bringsBack: "p",
    });
    expect(create).toMatchObject({ creates: true, body: { state: "enabledForReportingButNotEnforced" } });
    const mode = { kind: "copy", prefix: "C " } as const;
    for (const change of [{ offers, mode }, { offers: nothing }])
      expect(requests(plan("conditionalAccessPolicy", access, change)).map(({ path: at }) => at)).toEqual([
        "identity/conditionalAccess/policies",
      ]);
  });
});

test("a copy has no priority of its own to give: the original keeps its", () => {
  const page = {
    "@odata.type": "#microsoft.graph.windows10EnrollmentCompletionPageConfiguration",
    id: "x_Windows10EnrollmentCompletionPageConfiguration",
    displayName: "Sales",
    priority: 2,
  };
  const stagesOf = (made: ItemPlan) => requests(made).map(({ stage }) => stage);
  expect(stagesOf(plan("windowsEnrollmentStatusPage", page))).toContain("priority");
  const mode = { kind: "copy", prefix: "C " } as const;
  expect(stagesOf(plan("windowsEnrollmentStatusPage", page, { mode }))).not.toContain("priority");
  // Once made, it is compared without one.
  const { priority: _, ...copied } = { ...page, displayName: "C Sales" };
  const live = { ...copied, id: "y_Windows10EnrollmentCompletionPageConfiguration", priority: 7 };
  expect(plan("windowsEnrollmentStatusPage", copied, { live }).outcome).toBe("unchanged");
});

test("a new notification asks for templates of its own, by kind and the id of none", () => {
  const backup = {
    "@odata.type": "#microsoft.graph.deviceEnrollmentNotificationConfiguration",
    id: "n_EnrollmentNotificationsConfiguration",
    displayName: "N",
    platformType: "windows",
    notificationTemplates: [`email_${ONE}`, `push_${TWO}`],
  };
  const [create] = requests(plan("deviceEnrollmentNotificationConfiguration", backup));
  expect(create?.body.notificationTemplates).toEqual([
    "email_00000000-0000-0000-0000-000000000000",
    "push_00000000-0000-0000-0000-000000000000",
  ]);
});

describe("what cannot be written, or not so", () => {
  test.each<[string, string, Document, Document | null, unknown]>([
    ["a type without a rule", "vppToken", {}, null, "impossible"],
    [
      "what no application may write",
      "enrollmentRestriction",
      { id: "e", displayName: "E" },
      { id: "e", displayName: "F" },
      "impossible",
    ],
    ["the only one of its kind, made", "authorizationPolicy", { id: "a" }, null, "impossible"],
    [
      "Microsoft's own tag",
      "roleScopeTag",
      { id: "0", isBuiltIn: true, displayName: "Default" },
      { id: "0", isBuiltIn: true, displayName: "X" },
      "impossible",
    ],
    [
      "a default, made",
      "windowsEnrollmentStatusPage",
      { id: "x_DefaultWindows10EnrollmentCompletionPageConfiguration" },
      null,
      "impossible",
    ],
    [
      "texts that Intune keeps for itself",
      "notificationMessageTemplate",
      { id: "n", displayName: "EnrollmentNotificationInternalMEO", brandingOptions: "none" },
      { id: "n", displayName: "EnrollmentNotificationInternalMEO", brandingOptions: "includeCompanyLogo" },
      "impossible",
    ],
    [
      "Microsoft's own strength",
      "authenticationStrengthPolicy",
      { id: "s", policyType: "builtIn", displayName: "MFA" },
      { id: "s", policyType: "builtIn", displayName: "X" },
      "impossible",
    ],
    [
      "Microsoft's own script, made",
      "deviceHealthScript",
      { id: "h", isGlobalScript: true, displayName: "H" },
      null,
      "impossible",
    ],
    [
      "more than the assignments of Microsoft's own script",
      "deviceHealthScript",
      { id: "h", isGlobalScript: true, displayName: "H", assignments: [group(ONE)] },
      { id: "h", isGlobalScript: true, displayName: "X", assignments: [] },
      "assign",
    ],
    [
      "an app with an installer, made",
      "mobileApp",
      { "@odata.type": "#microsoft.graph.win32LobApp", id: "m", displayName: "M" },
      null,
      "impossible",
    ],
    [
      "another kind",
      "deviceConfiguration",
      { "@odata.type": "#microsoft.graph.iosCustomConfiguration", id: "d" },
      { "@odata.type": "#microsoft.graph.macOSCustomConfiguration", id: "d" },
      ["type_changed"],
    ],
    [
      "another platform",
      "assignmentFilter",
      { id: "f", platform: "iOS" },
      { id: "f", platform: "macOS" },
      ["fixed"],
    ],
    [
      "another template",
      "settingsCatalogPolicy",
      { id: "c", templateReference: { templateId: "a_1", templateFamily: "x" } },
      { id: "c", templateReference: { templateId: "b_1" } },
      ["fixed"],
    ],
  ])("%s", (_, key, backup, live, expected) => {
    expect(codes(plan(key, backup, { live }))).toEqual(expected);
  });

  test("role assignments, methods and security defaults ask for a confirmation of their own", () => {
    for (const key of ["roleDefinition", "authenticationMethodsPolicy", "securityDefaultsPolicy"])
      expect(
        plan(
          key,
          { id: "x", isEnabled: true, policyMigrationState: "a" },
          { live: { id: "x", isEnabled: false, policyMigrationState: "b" } },
        ),
      ).toMatchObject({ outcome: "update", confirm: [expect.any(String)] });
  });

  test("what would add the same again, if it were sent twice, is marked", () => {
    const adding = (key: string, backup: Document, part: string) =>
      requests(plan(key, backup, { live: { ...backup, [part]: [] } })).map(({ path, adds }) => [path, adds]);
    const items = [{ "@odata.type": "#microsoft.graph.mobileAppPolicySetItem", id: "i", payloadId: ONE }];
    expect(adding("policySet", { id: "s", displayName: "S", items }, "items")).toEqual([
      ["deviceAppManagement/policySets/s/update", true],
    ]);
    const trusted = {
      "@odata.type": "#microsoft.graph.iosEnterpriseWiFiConfiguration",
      id: "w",
      displayName: "W",
      rootCertificatesForServerValidation: [{ id: ONE }],
    };
    expect(adding("deviceConfiguration", trusted, "rootCertificatesForServerValidation")).toEqual([
      [expect.stringContaining("rootCertificatesForServerValidation/$ref"), true],
    ]);
    // What replaces a list is sent again as it is.
    expect(adding("deviceManagementScript", script, "assignments")).toEqual([
      ["deviceManagement/deviceManagementScripts/s/assign", undefined],
    ]);
  });

  test("a secret is asked for where it is written, in the form that Graph takes, and kept where nothing of it changes", () => {
    const masked = (type: string) => ({
      "@odata.type": `#microsoft.graph.${type}`,
      omaUri: "./a",
      isEncrypted: true,
      secretReferenceValueId: "r",
      value: "****",
    });
    const backup = {
      "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
      id: "d",
      displayName: "D",
      omaSettings: [masked("omaSettingString"), masked("omaSettingStringXml")],
    };
    expect(codes(plan("deviceConfiguration", backup))).toEqual(["secret", "secret"]);
    const given = plan("deviceConfiguration", backup, {
      secrets: new Map([
        ["omaSettings/0/value", "plain"],
        ["omaSettings/1/value", "<a/>"],
      ]),
    });
    expect(requests(given)[0]?.body.omaSettings).toEqual([
      { "@odata.type": "#microsoft.graph.omaSettingString", omaUri: "./a", value: "plain" },
      { "@odata.type": "#microsoft.graph.omaSettingStringXml", omaUri: "./a", value: "PGEvPg==" },
    ]);
    const [patch] = requests(plan("deviceConfiguration", backup, { live: { ...backup, displayName: "E" } }));
    expect(patch?.body).not.toHaveProperty("omaSettings");
    const secret = {
      "@odata.type": "#microsoft.graph.deviceManagementConfigurationSecretSettingValue",
      value: "token",
      valueState: "encryptedValueToken",
    };
    const policy = { id: "c", name: "P", settings: [{ settingInstance: { simpleSettingValue: secret } }] };
    expect(codes(plan("settingsCatalogPolicy", policy))).toEqual(["secret"]);
    expect(plan("settingsCatalogPolicy", policy, { live: { ...policy, name: "Q" } }).outcome).toBe("update");
    const made = plan("settingsCatalogPolicy", policy, {
      secrets: new Map([["settings/0/settingInstance/simpleSettingValue/value", "s3cret"]]),
    });
    expect(JSON.stringify(requests(made)[0]?.body)).toContain('"value":"s3cret","valueState":"notEncrypted"');
    // Who looks at the plan sees that a value is written, and not which.
    expect(JSON.stringify([given.changes, given.sides, made.changes, made.sides])).not.toMatch(
      /plain|PGEvPg|s3cret/,
    );
  });
});

describe("the onboarding file of legacy endpoint detection and response", () => {
  const about =
    "deviceConfiguration--windowsDefenderAdvancedThreatProtectionConfiguration_advancedThreatProtection";
  const setting = (name: string, value: unknown): Document => ({
    "@odata.type": `#microsoft.graph.deviceManagement${typeof value === "boolean" ? "Boolean" : "String"}SettingInstance`,
    definitionId: `${about}${name}`,
    valueJson: JSON.stringify(value),
    value,
  });
  const policy = (...settings: Document[]): Document => ({
    id: "i",
    displayName: "EDR",
    templateId: "t",
    settings: [setting("AutoPopulateOnboardingBlob", false), ...settings],
  });
  const file = (name: string | null, blob: string | null = null) => [
    setting("OnboardingBlob", blob),
    setting("OnboardingFilename", name),
  ];
  const made = (backup: Document, change: Partial<RestoreInput> = {}) =>
    plan("endpointSecurityIntent", backup, change);
  const sentIn = ([request]: readonly WriteRequest[]) =>
    new Map(
      ((request?.body.settingsDelta ?? []) as Document[]).map(({ definitionId, valueJson }) => [
        String(definitionId).replace(about, ""),
        valueJson,
      ]),
    );

  test("is asked for where the policy has one and is made, and is sent as given, and shown to nobody", () => {
    const had = policy(...file("WindowsDefenderATP.onboarding"));
    expect(made(had)).toMatchObject({
      outcome: "blocked",
      reasons: [
        { code: "secret", path: "settings/1/value", message: expect.stringContaining("onboarding file") },
      ],
    });
    const given = made(had, { secrets: new Map([["settings/1/value", '{"body":"x"}']]) });
    expect(sentIn(requests(given)).get("OnboardingBlob")).toBe(JSON.stringify('{"body":"x"}'));
    expect(JSON.stringify([given.changes, given.sides])).not.toContain("body");
    // A placeholder, and the kind alone, tell as well that there was one; of the other kind that is asked for.
    expect(codes(made(policy(...file(null, "****"))))).toEqual(["secret"]);
    const offboards = policy(setting("BlobType", "offboard"), setting("OffboardingBlob", null));
    expect(made(offboards)).toMatchObject({
      reasons: [{ path: "settings/2/value", message: expect.stringContaining("offboarding file") }],
    });
    // Where Graph leaves the setting out altogether it is put there.
    const bare = policy(setting("OnboardingFilename", "a.onboarding"));
    expect(made(bare)).toMatchObject({ reasons: [{ path: "settings/2/value" }] });
    const put = made(bare, { secrets: new Map([["settings/2/value", "x"]]) });
    expect(sentIn(requests(put)).get("OnboardingBlob")).toBe('"x"');
  });

  test("is not asked for where there is none, or the live policy holds the same; another one is", () => {
    expect(made(policy(...file(null))).outcome).toBe("create");
    const had = policy(...file("a.onboarding"));
    const renamed = { ...had, displayName: "Other" };
    expect(requests(made(had, { live: renamed })).map(({ body }) => body)).toEqual([{ displayName: "EDR" }]);
    expect(codes(made(had, { live: policy(...file("b.onboarding")) }))).toEqual(["secret"]);
    expect(codes(made(had, { live: policy(...file(null)) }))).toEqual(["secret"]);
  });

  test("that a person gave is sent in place as well, where Graph leaves its setting out of what it shows", () => {
    const bare = (name: string) => policy(setting("OnboardingFilename", name));
    const secrets = new Map([["settings/2/value", '{"body":"x"}']]);
    const given = made(bare("a.onboarding"), { live: bare("b.onboarding"), secrets });
    const sent = requests(given).flatMap(({ body }) => (body.settings ?? []) as Document[]);
    expect(sent.map(({ definitionId, valueJson }) => [definitionId, valueJson])).toContainEqual([
      `${about}OnboardingBlob`,
      JSON.stringify('{"body":"x"}'),
    ]);
  });

  test("that came after the backup is said to stay", () => {
    const live = policy(...file("a.onboarding"));
    const plan = made(policy(...file(null)), { live });
    expect(plan).toMatchObject({
      outcome: "update",
      stays: [{ path: "settings", what: `${about}OnboardingBlob` }],
    });
  });

  test("is left out with all that belongs to it where Intune fetches it by itself", () => {
    const fetched = {
      ...policy(),
      settings: [
        setting("AutoPopulateOnboardingBlob", true),
        setting("BlobType", null),
        ...file("old.onboarding"),
        setting("OffboardingBlob", null),
        setting("OffboardingFilename", null),
      ],
    };
    expect([...sentIn(requests(made(fetched))).keys()]).toEqual(["AutoPopulateOnboardingBlob"]);
    // What was not sent is no difference once it is written.
    const written = policy();
    const [wanted, read] = blankSecrets(fetched, {
      ...written,
      settings: [setting("AutoPopulateOnboardingBlob", true)],
    });
    expect(wanted.settings).toEqual(read.settings);
    expect(codes(made(policy(...file("a.onboarding")), { live: fetched }))).toEqual(["secret"]);
  });
});

test("the live object is found by id, else by the only name of the same kind and platform", () => {
  const type = typeOfKey("deviceEnrollmentNotificationConfiguration");
  const backup = { id: "a", displayName: "N", platformType: "windows" };
  const other = { id: "b", displayName: "N", platformType: "ios" };
  const same = { id: "c", displayName: "N", platformType: "windows" };
  expect(matchLive(type, backup, [other, { ...same, id: "a" }])).toEqual({ live: { ...same, id: "a" } });
  expect(matchLive(type, backup, [other, same])).toEqual({ live: same });
  expect(matchLive(type, backup, [same, { ...same, id: "d" }])).toHaveProperty("ambiguous");
  expect(matchLive(type, backup, [other])).toEqual({ live: null });
  // A scope tag of the same number is another tag in another tenant.
  const tags = typeOfKey("roleScopeTag");
  const [site, finance] = [
    { id: "3", displayName: "Site" },
    { id: "3", displayName: "Finance" },
  ];
  expect(matchLive(tags, site, [finance])).toEqual({ live: finance });
  expect(matchLive(tags, site, [finance], true)).toEqual({ live: null });
  const theirs = { ...site, id: "7" };
  expect(matchLive(tags, site, [finance, theirs], true)).toEqual({ live: theirs });
  // All of a tenant's branding profiles show one displayName, and each tenant has one default.
  const branding = typeOfKey("intuneBrandingProfile");
  const profile = { id: "p", displayName: "Contoso", profileName: "A", isDefaultProfile: false };
  const standard = { id: "q", displayName: "Contoso", profileName: "B", isDefaultProfile: true };
  expect(matchLive(branding, profile, [standard])).toEqual({ live: null });
  expect(matchLive(branding, { ...standard, id: "r", profileName: "C" }, [profile, standard])).toEqual({
    live: standard,
  });
});

test("requests go by stage: what others refer to, objects, assignments, priorities from the lowest up", () => {
  const request = (stage: WriteRequest["stage"], priority?: number): WriteRequest => ({
    method: "POST",
    version: "beta",
    path: stage,
    body: { priority },
    stage,
    creates: false,
  });
  const ordered = inOrder(
    new Map([
      ["a", [request("policy"), request("assignment"), request("priority", 2)]],
      ["b", [request("scopeTag"), request("priority", 1)]],
    ]),
  );
  expect(ordered.map(({ item, request: { stage } }) => `${item} ${stage}`)).toEqual([
    "b scopeTag",
    "a policy",
    "a assignment",
    "b priority",
    "a priority",
  ]);
});
