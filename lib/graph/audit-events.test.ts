import { describe, expect, test } from "vitest";
import { auditLogPermissions, readAuditLog } from "./audit-events.ts";
import { entraEvent, intuneEvent } from "./audit-events-shape.ts";
import { GraphError } from "./errors.ts";
import type { GraphObject, GraphPage } from "./shape.ts";

/** As Intune writes an assignment of a settings catalog policy: a person at the console, two resources. */
const assignment: GraphObject = {
  id: "a7c4ee76-621e-4795-aaf4-3dae19f03c35",
  displayName: "Create device configuration assignment 2.0 (beta)",
  activity: null,
  activityDateTime: "2025-09-12T16:02:46.1164804Z",
  activityOperationType: "Create",
  activityResult: "Success",
  activityType: "Create DeviceManagementConfigurationPolicyAssignment",
  actor: {
    applicationDisplayName: "Microsoft Intune portal extension",
    applicationId: "5926fc8e-304e-4f59-8bed-58ca97cc39a4",
    auditActorType: "ItPro",
    ipAddress: "192.0.2.7",
    userPrincipalName: "marta@contoso.example",
  },
  resources: [
    {
      auditResourceType: "DeviceManagementConfigurationPolicy",
      resourceId: "867a3c3f-b8c1-493b-8934-8c613c585cb9",
    },
    { auditResourceType: "DeviceManagementConfigurationPolicyAssignment", resourceId: null },
  ],
};

const conditionalAccess: GraphObject = {
  id: "Directory_1",
  category: "Policy",
  result: "success",
  activityDisplayName: "Delete conditional access policy",
  activityDateTime: "2026-03-11T15:40:00Z",
  loggedByService: "Conditional Access",
  operationType: "Delete",
  initiatedBy: { user: null, app: { displayName: "Pipeline", servicePrincipalId: "sp-1" } },
  targetResources: [{ id: "ca-1", displayName: "Require MFA", type: "Policy" }],
};

describe("an event of Intune's log", () => {
  test("names the person, not the console, and counts an assignment as a change of the policy", () => {
    expect(intuneEvent(assignment)).toEqual({
      id: "a7c4ee76-621e-4795-aaf4-3dae19f03c35",
      at: new Date("2025-09-12T16:02:46.116Z"),
      targets: ["867a3c3f-b8c1-493b-8934-8c613c585cb9"],
      single: null,
      operation: "update",
      activity: "Create device configuration assignment 2.0 (beta)",
      actor: { kind: "user", name: "marta@contoso.example" },
    });
  });

  test("of an app names the app, and of nobody says so", () => {
    const by = (actor: GraphObject) => intuneEvent({ ...assignment, actor })?.actor;
    expect(by({ applicationDisplayName: "Pipeline", userPrincipalName: "" })).toEqual({
      kind: "app",
      name: "Pipeline",
    });
    expect(by({})).toEqual({ kind: "unknown", name: "Unknown" });
    expect(intuneEvent({ ...assignment, actor: "Marta" })?.actor.kind).toBe("unknown");
  });

  test.each<[string, GraphObject]>([
    ["a read", { activityOperationType: "Get" }],
    ["a search", { activityOperationType: "Search" }],
    ["an attempt that failed", { activityResult: "Failure" }],
    ["one without time", { activityDateTime: "yesterday" }],
    ["one beyond all time", { activityDateTime: "+200000-01-01T00:00:00Z" }],
    ["one without id", { id: 7 }],
    ["one of nothing", { resources: [{}, null, "x"] }],
    ["one whose resources are no list", { resources: "all" }],
  ])("is left out when it is %s", (_, part) => {
    expect(intuneEvent({ ...assignment, ...part })).toBeNull();
  });

  test("is made storable", () => {
    const event = intuneEvent({ ...assignment, displayName: `a\0b\ud800${"x".repeat(1000)}` });
    expect(event?.activity).toHaveLength(300);
    expect(event?.activity.startsWith("ab\ufffdx")).toBe(true);
    const resources = Array.from({ length: 500 }, (_, n) => ({ resourceId: `policy-${n}` }));
    expect(intuneEvent({ ...assignment, resources })?.targets).toHaveLength(100);
  });
});

describe("an event of Entra's log", () => {
  test("names app or person, target and operation", () => {
    expect(entraEvent(conditionalAccess)).toMatchObject({
      targets: ["ca-1"],
      single: null,
      operation: "delete",
      activity: "Delete conditional access policy",
      actor: { kind: "app", name: "Pipeline" },
    });
    const user = { userPrincipalName: "marta@contoso.example" };
    expect(entraEvent({ ...conditionalAccess, initiatedBy: { user, app: null } })?.actor).toEqual({
      kind: "user",
      name: "marta@contoso.example",
    });
  });

  test.each([
    ["Authentication Methods Policy Update", "authenticationMethodsPolicy"],
    ["Update authorization policy", "authorizationPolicy"],
    ["Update security defaults", "securityDefaultsPolicy"],
  ])("%s concerns the single object, whatever its target is called", (activityDisplayName, single) => {
    const event = entraEvent({
      ...conditionalAccess,
      activityDisplayName,
      operationType: "",
      targetResources: [],
    });
    expect(event).toMatchObject({ single, operation: "update", targets: [] });
  });

  test("is left out when it failed or changed nothing", () => {
    expect(entraEvent({ ...conditionalAccess, result: "failure" })).toBeNull();
    expect(entraEvent({ ...conditionalAccess, result: "timeout" })).toBeNull();
    const seen = { activityDisplayName: "Policy evaluated", operationType: "" };
    expect(entraEvent({ ...conditionalAccess, ...seen })).toBeNull();
  });
});

/** A client whose pages are made up; the paths that were asked for are kept. */
function clientOf(pages: readonly (GraphObject[] | GraphError)[]) {
  const asked: string[] = [];
  return {
    asked,
    async *pages(path: string): AsyncGenerator<GraphPage> {
      asked.push(path);
      for (const [index, page] of pages.entries()) {
        if (page instanceof GraphError) throw page;
        const nextLink = index < pages.length - 1 ? "next" : null;
        yield { value: page, nextLink, count: null };
      }
    },
  };
}

const window = { from: new Date("2026-03-01T00:00:00Z"), to: new Date("2026-03-02T00:00:00Z") };
const events = (count: number): GraphObject[] =>
  Array.from({ length: count }, (_, n) => ({ ...assignment, id: `event-${n}` }));

describe("reading a log", () => {
  test("asks for changes within the time only, newest first", async () => {
    const intune = clientOf([[]]);
    await readAuditLog(intune, "intune", window);
    expect(intune.asked.map(decodeURIComponent)).toEqual([
      "deviceManagement/auditEvents?$filter=activityDateTime ge 2026-03-01T00:00:00.000Z and activityDateTime le " +
        "2026-03-02T00:00:00.000Z and activityOperationType ne 'Get'&$orderby=activityDateTime desc&$top=200",
    ]);
    const entra = clientOf([[]]);
    await readAuditLog(entra, "entra", window);
    expect(entra.asked.map((path) => /category eq '(\w+)'/.exec(decodeURIComponent(path))?.[1])).toEqual([
      "Policy",
      "ApplicationManagement",
      "AuthorizationPolicy",
    ]);
  });

  test("ends at its bounds, and says that there was more", async () => {
    const three = [events(10), events(10), events(10)];
    expect(await readAuditLog(clientOf(three), "intune", window)).toMatchObject({ cut: false, error: null });
    const few = await readAuditLog(clientOf(three), "intune", window, { events: 100, pages: 2 });
    expect([few.events.length, few.cut]).toEqual([20, true]);
    const fewer = await readAuditLog(clientOf(three), "intune", window, { events: 15, pages: 9 });
    expect([fewer.events.length, fewer.cut]).toEqual([15, true]);
    const exact = await readAuditLog(clientOf(three), "intune", window, { events: 30, pages: 3 });
    expect([exact.events.length, exact.cut]).toEqual([30, false]);
    const entra = await readAuditLog(clientOf([events(10)]), "entra", window, { events: 10, pages: 9 });
    expect(entra.cut).toBe(true);
  });

  test("keeps what it found before Graph failed", async () => {
    const broken = new GraphError("GRAPH_UNAVAILABLE", "500", { retryable: true });
    const result = await readAuditLog(clientOf([events(3), broken]), "intune", window);
    expect(result.events).toHaveLength(3);
    expect(result.error).toBe(broken);
    const circle = new GraphError("INCOMPLETE_CAPTURE", "in a loop");
    expect(await readAuditLog(clientOf([events(3), circle]), "intune", window)).toMatchObject({
      cut: true,
      error: null,
    });
  });
});

test("the token's roles tell which logs may be read", () => {
  const granted = (...roles: string[]) => auditLogPermissions(roles).map((each) => each.granted);
  expect(granted()).toEqual([false, false]);
  expect(granted("devicemanagementapps.readwrite.all")).toEqual([true, false]);
  expect(granted("AuditLog.Read.All")).toEqual([false, true]);
  expect(granted("DeviceManagementApps.Read.All", "AuditLog.Read.All")).toEqual([true, true]);
  expect(granted("Directory.Read.All", "Policy.Read.All")).toEqual([false, false]);
});
