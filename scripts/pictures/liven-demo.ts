import type { DemoFile } from "../launch/demo-file.ts";

/** What the pictures need to know of the demo after it was livened. */
export interface LivelyTenant {
  id: number;
  scheduleIds: number[];
  /** The newest set that changed against the one before it. */
  changedSetId: number;
  /** A run that ended partial: a permission was missing. */
  partialRunId: number;
}

/**
 * Gives a running demo something to look at: administrators change policies, every schedule runs after each change,
 * and one run meets a missing permission. Goes through the API and the sandbox's control, as a person could.
 * @param rounds how often everything changes and runs
 * @throws Error when the demo refuses, with its answer
 */
export async function livenDemo(demo: DemoFile, rounds: number): Promise<LivelyTenant[]> {
  return Promise.all(demo.tenants.map(({ id }) => livenTenant(demo, id, rounds)));
}

interface RunAnswer {
  id: number;
  status: string;
  backup_set_id: number | null;
  summary: { changes?: { added: number; removed: number; changed: number } };
}

async function livenTenant(demo: DemoFile, tenantId: number, rounds: number): Promise<LivelyTenant> {
  const token = demo.api_tokens.find((each) => each.tenant_id === tenantId && each.role === "owner")?.token;
  if (!token) throw new Error(`The demo has no owner's token for tenant ${tenantId}.`);
  const base = `${demo.url}/api/tenants/${tenantId}`;
  const api = <T>(method: string, path: string) =>
    call<T>(method, `${base}${path}`, undefined, { authorization: `Bearer ${token}` });
  const control = <T>(method: string, path: string, body?: unknown) =>
    call<T>(method, `${demo.sandbox_url}/_sandbox${path}`, body);

  const { entra_tenant_id } = await api<{ entra_tenant_id: string }>("GET", "/connection");
  const schedules = await api<{ id: number }[]>("GET", "/backup-schedules");
  const runAll = () =>
    Promise.all(
      schedules.map(async ({ id }) => {
        await api("POST", `/backup-schedules/${id}/run-now`);
        for (;;) {
          const newest = (await api<RunAnswer[]>("GET", `/backup-schedules/${id}/runs?limit=1`))[0];
          if (newest && newest.status !== "running") return newest;
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      }),
    );

  let ended: RunAnswer[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    await control("POST", `/tenants/${entra_tenant_id}/drift`, {
      change: 2 + (round % 4),
      add: round % 3,
      remove: round % 2,
      seed: round,
    });
    ended = await runAll();
  }
  const changed = ended.findLast(
    (run) => run.backup_set_id !== null && (run.summary.changes?.changed ?? 0) > 0,
  );

  const { tenants } = await control<{ tenants: { entraTenantId: string; permissions: string[] }[] }>(
    "GET",
    "",
  );
  const permissions = tenants.find((tenant) => tenant.entraTenantId === entra_tenant_id)?.permissions ?? [];
  const withoutPolicies = permissions.filter((permission) => permission !== "Policy.Read.All");
  const permit = (names: string[]) =>
    control("PUT", `/tenants/${entra_tenant_id}/permissions`, { permissions: names });
  await permit(withoutPolicies);
  const partial = (await runAll().finally(() => permit(permissions))).find((run) => run.status !== "success");
  const fallback = ended.find((run) => run.backup_set_id !== null);
  return {
    id: tenantId,
    scheduleIds: schedules.map(({ id }) => id),
    changedSetId: (changed ?? fallback)?.backup_set_id ?? 1,
    partialRunId: (partial ?? ended[0])?.id ?? 1,
  };
}

async function call<T>(
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  const response = await fetch(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}
