import { readSandboxSettings } from "../../scripts/launch/sandbox-settings.ts";
import { api } from "./api.ts";
import { demo } from "./demo.ts";

async function control<T>(method: string, path: string, body?: unknown): Promise<T> {
  const { sandbox_url } = demo();
  if (!sandbox_url) throw new Error("The demo has no Graph sandbox.");
  const answer = await fetch(`${sandbox_url}/_sandbox${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** The id by which the sandbox knows the tenant of the demo with this index. */
async function entraTenantId(tenantIndex: number): Promise<string> {
  const { json } = await api<{ entra_tenant_id: string }>(
    "owner",
    "GET",
    "/connection",
    undefined,
    tenantIndex,
  );
  return json.entra_tenant_id;
}

/** Lets Graph misbehave at an address of the tenant, until healed. @param action as docs/sandbox.md lists them */
export async function misbehave(
  path: string,
  action: { kind: string; [setting: string]: unknown },
  tenantIndex = 0,
): Promise<{ heal(): Promise<void> }> {
  const tenant = await entraTenantId(tenantIndex);
  const fault = await control<{ id: string }>("POST", "/faults", { tenant, path, action });
  return {
    async heal() {
      await control("DELETE", `/faults/${fault.id}`);
    },
  };
}

/** The policy type of a run that `holdRuns` holds. No other test uses it. */
export const heldType = "deviceHealthScript";

/** Keeps runs that capture `heldType` from ending, until released. */
export async function holdRuns(tenantIndex = 0): Promise<{ release(): Promise<void> }> {
  const tenant = await entraTenantId(tenantIndex);
  const fault = await control<{ id: string }>("POST", "/faults", {
    tenant,
    path: "deviceManagement/deviceHealthScripts",
    action: { kind: "latency", ms: 60_000 },
  });
  return {
    async release() {
      await control("DELETE", `/faults/${fault.id}`);
    },
  };
}

/** The app registration by which restores may write to the tenant of the demo with this index. */
export async function writer(tenantIndex: number): Promise<{ clientId: string; clientSecret: string }> {
  const tenant = await entraTenantId(tenantIndex);
  const { tenants } = await readSandboxSettings(process.env.TENANTPILOT_E2E_DATA_DIR ?? "");
  const found = tenants.find(({ entraTenantId: id }) => id === tenant)?.writer;
  if (!found) throw new Error("The sandbox's tenant has nothing that may write.");
  return found;
}

/** Sends a request to Graph as the app registration that may write. @param path with version */
async function asWriter<T>(tenantIndex: number, method: string, path: string, body?: object): Promise<T> {
  const { sandbox_url } = demo();
  const { clientId, clientSecret } = await writer(tenantIndex);
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    scope: "https://graph.microsoft.com/.default",
    client_id: clientId,
    client_secret: clientSecret,
  });
  const tokenUrl = `${sandbox_url}/${await entraTenantId(tenantIndex)}/oauth2/v2.0/token`;
  const granted = await fetch(tokenUrl, { method: "POST", body: form });
  const { access_token } = (await granted.json()) as { access_token: string };
  const answer = await fetch(`${sandbox_url}/${path}`, {
    method,
    headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** Makes an object, as an administrator does. @returns its id */
export async function make(tenantIndex: number, collection: string, object: object): Promise<string> {
  return (await asWriter<{ id: string }>(tenantIndex, "POST", `beta/${collection}`, object)).id;
}

/** The objects of a collection as they are now. */
export async function liveObjects(
  tenantIndex: number,
  collection: string,
): Promise<{ id: string; displayName: string; [property: string]: unknown }[]> {
  const { value } = await asWriter<{ value: Awaited<ReturnType<typeof liveObjects>> }>(
    tenantIndex,
    "GET",
    `beta/${collection}?$top=999`,
  );
  return value;
}

/** Intune wants a second administrator's approval for what is written, until it does not any more. */
export async function wantApproval(
  tenantIndex: number,
): Promise<{ approve(): Promise<void>; noMore(): Promise<void> }> {
  const tenant = `/tenants/${await entraTenantId(tenantIndex)}`;
  const require = (required: boolean) => control("PUT", `${tenant}/approvals`, { required });
  await require(true);
  return {
    approve: () => control("POST", `${tenant}/approve`),
    async noMore() {
      await require(false);
      await control("POST", `${tenant}/approve`);
    },
  };
}

/** Changes policies in the sandbox, as administrators do every day. */
export async function drift(tenantIndex: number, collection: string, change = 2): Promise<void> {
  const tenant = await entraTenantId(tenantIndex);
  await control("POST", `/tenants/${tenant}/drift`, { change, add: 1, remove: 1, collection });
}

/** What the sandbox says about one of its tenants. */
export async function permissionsOf(tenantIndex: number): Promise<{
  narrow(permissions: string[]): Promise<void>;
  restore(): Promise<void>;
}> {
  const id = await entraTenantId(tenantIndex);
  const { tenants } = await control<{ tenants: { entraTenantId: string; permissions: string[] }[] }>(
    "GET",
    "",
  );
  const before = tenants.find((tenant) => tenant.entraTenantId === id)?.permissions ?? [];
  const put = (permissions: string[]) => control<void>("PUT", `/tenants/${id}/permissions`, { permissions });
  return { narrow: put, restore: () => put(before) };
}
