import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type GraphObject, objectsOf } from "./json.ts";
import { type Sandbox, startSandbox } from "./server.ts";
import { CONTOSO, TestClient } from "./test-client.ts";

let sandbox: Sandbox;
let client: TestClient;
beforeAll(async () => {
  sandbox = await startSandbox({ tenants: [CONTOSO] });
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  sandbox.reset();
  client = await TestClient.connect(sandbox, CONTOSO);
});

const tenant = () => sandbox.tenant(CONTOSO.entraTenantId);
const catalog = "deviceManagement/configurationPolicies";
const intune = "/v1.0/deviceManagement/auditEvents";
const entra = "/v1.0/auditLogs/directoryAudits";
const eventsOf = async (path: string) => (await client.get(path)).body.value as GraphObject[];
const filtered = (path: string, filter: string) => eventsOf(`${path}?$filter=${encodeURIComponent(filter)}`);

describe("audit logs", () => {
  it("tell what drift does, in Intune's shape", async () => {
    const { changed, added, removed, gone } = tenant().drift({
      change: 1,
      add: 1,
      remove: 1,
      gone: 1,
      touch: 9,
      collection: catalog,
    });
    const events = await eventsOf(intune);
    const told = events.map((event) => [
      event.activityOperationType,
      (event.resources as GraphObject[])[0]?.resourceId,
    ]);
    const expected = [
      ["Patch", changed],
      ["Delete", removed],
      ["Delete", gone],
      ["Create", added],
    ].map(([verb, objects]) => [verb, (objects as typeof changed)[0]?.id.toUpperCase()]);
    expect(told.toReversed()).toEqual(expected);
    for (const [index, { actor }] of tenant().auditTrail().toReversed().entries()) {
      const shown = events[index]?.actor as GraphObject;
      expect(actor.kind === "user" ? shown.userPrincipalName : shown.applicationDisplayName).toBe(actor.name);
    }
    expect(await eventsOf(entra)).toEqual([]);
  });

  it("tell what drift does, in Entra's shape and categories", async () => {
    const told = async (collection: string) => {
      const { changed } = tenant().drift({ change: 1, collection });
      const [event] = await eventsOf(entra);
      const [target] = objectsOf(event?.targetResources);
      return [event?.category, event?.activityDisplayName, target?.id === changed[0]?.id];
    };
    expect(await told("identity/conditionalAccess/policies")).toEqual([
      "Policy",
      "Update conditional access policy",
      true,
    ]);
    expect(await told("policies/authenticationMethodsPolicy")).toEqual([
      "ApplicationManagement",
      "Authentication Methods Policy Update",
      false,
    ]);
    expect(await told("policies/authorizationPolicy")).toEqual([
      "AuthorizationPolicy",
      "Update authorization policy",
      false,
    ]);
    expect(await eventsOf(intune)).toEqual([]);
    expect(await filtered(entra, "category eq 'Policy'")).toHaveLength(1);
  });

  it("involve two people and an app", () => {
    tenant().drift({ change: 60 });
    const actors = new Set(
      tenant()
        .auditTrail()
        .map(({ actor }) => `${actor.kind} ${actor.name}`),
    );
    expect([...actors].toSorted()).toEqual([
      "app Deployment pipeline",
      "user jonas.brandt@contoso.example",
      "user marta.keller@contoso.example",
    ]);
  });

  it("can be asked by time, in pages, either way round", async () => {
    const at = Date.UTC(2026, 0, 1);
    for (let n = 0; n < 7; n++)
      tenant().noteInAuditLog("update", catalog, { id: `p${n}` }, { at: at + n * 1000 });
    const all = await client.all(`${intune}?$top=3&$orderby=activityDateTime%20desc`);
    expect([all.items.length, all.pages]).toEqual([7, 3]);
    const times = all.items.map((event) => String(event.activityDateTime));
    expect(times).toEqual(times.toSorted().toReversed());
    const oldest = await client.get(`${intune}?$top=1&$orderby=activityDateTime`);
    expect((oldest.body.value as GraphObject[])[0]?.activityDateTime).toBe("2026-01-01T00:00:00.0000000Z");
    const within =
      "activityDateTime ge 2026-01-01T00:00:02.000Z and activityDateTime lt 2026-01-01T00:00:05Z";
    expect(await filtered(intune, within)).toHaveLength(3);
    expect(await filtered(intune, `${within} and activityOperationType ne 'Patch'`)).toEqual([]);
    for (const wrong of [
      "$filter=activityDateTime ge yesterday",
      "$orderby=actor",
      "$orderby=activityDateTime up",
    ]) {
      expect((await client.get(`${intune}?${encodeURI(wrong)}`)).status, wrong).toBe(400);
    }
  });

  it("give one event by its id, and none that is not there", async () => {
    tenant().drift({ change: 1, collection: catalog });
    const [event] = await eventsOf(intune);
    expect((await client.get(`${intune}/${event?.id}`)).body).toMatchObject({ id: event?.id });
    expect((await client.get(`${intune}/nothing`)).status).toBe(404);
    expect((await client.get(`${intune}/nothing/more`)).status).toBe(400);
  });

  it("need a permission each, and are no part of drift or of the collections", async () => {
    tenant().setPermissions(["DeviceManagementConfiguration.Read.All", "Policy.Read.All"]);
    await client.renew(CONTOSO);
    const codes = async (path: string) => {
      const { status, body } = await client.get(path);
      return [status, (body.error as GraphObject | undefined)?.code];
    };
    expect(await codes(intune)).toEqual([403, "Forbidden"]);
    expect(await codes(entra)).toEqual([403, "Authentication_MSGraphPermissionMissing"]);
    tenant().setPermissions(["DeviceManagementApps.ReadWrite.All", "AuditLog.Read.All"]);
    await client.renew(CONTOSO);
    expect([(await codes(intune))[0], (await codes(entra))[0]]).toEqual([200, 200]);
    expect([...new Set([...tenant().objects()].map(({ collection }) => collection))]).not.toContain(
      "auditLogs/directoryAudits",
    );
  });

  it("meet faults and limits of their own", async () => {
    sandbox.fault({
      family: "auditLogs",
      action: { kind: "status", status: 403, code: "Authentication_RequestFromNonPremiumTenantOrB2CTenant" },
    });
    expect((await client.get(entra)).status).toBe(403);
    expect((await client.get(intune)).status).toBe(200);
    sandbox.reset();
    sandbox.configure({ enforceLimits: true });
    const statuses: number[] = [];
    for (let n = 0; n < 6; n++) statuses.push((await client.get(entra)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await client.get(intune)).status).toBe(200);
  });

  it("are empty again after a reset", async () => {
    tenant().drift({ change: 3, collection: catalog });
    sandbox.reset();
    expect(tenant().auditTrail()).toEqual([]);
    expect(await eventsOf(intune)).toEqual([]);
  });
});
