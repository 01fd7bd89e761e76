import { expect } from "@playwright/test";
import type { Restore } from "#lib/restore/schema";
import type { Schedule } from "#lib/schedules/schema";
import type { BackupItemView, BackupSetView } from "#lib/sets/schema";
import { api, runOnce, uniqueName, wishedSchedule } from "./api.ts";
import { person } from "./people.ts";
import { drift } from "./sandbox.ts";

/** Things in the first tenant of which every kind of page can be shown. */
export interface Places {
  schedule: Schedule;
  runId: number;
  /** The newer of two sets of the schedule that differ. */
  set: BackupSetView;
  olderSetId: number;
  item: BackupItemView;
  /** The same policy in the older set. */
  olderItemId: number;
  /** A plan to bring the policy back as it was in the older set. */
  restoreId: number;
  /** A set of the second tenant. */
  foreign: { tenantId: number; setId: number };
}

/** Makes a schedule with two backup sets that differ. */
export async function makePlaces(): Promise<Places> {
  const wish = wishedSchedule({ name: uniqueName("Two sets") });
  const { json: schedule } = await api<Schedule>("manager", "POST", "/backup-schedules", wish);
  await runOnce(schedule.id);
  await drift(0, "deviceManagement/windowsDriverUpdateProfiles");
  const run = await runOnce(schedule.id);
  const { json: sets } = await api<BackupSetView[]>(
    "readonly",
    "GET",
    `/backup-sets?schedule_id=${schedule.id}`,
  );
  const [set, older] = sets;
  if (!set || !older) throw new Error("The runs made no two sets.");
  const itemsOf = async (id: number) =>
    (await api<BackupItemView[]>("readonly", "GET", `/backup-sets/${id}/items`)).json;
  const [items, olderItems] = [await itemsOf(set.id), await itemsOf(older.id)];
  const pairs = items.flatMap((item) => {
    const before = olderItems.find((each) => each.graph_id === item.graph_id);
    return before ? [{ item, before }] : [];
  });
  const pair = pairs.find(({ item, before }) => item.sha256 !== before.sha256) ?? pairs[0];
  const foreignSetId = await demoSetId(1);
  if (!pair) throw new Error("There is nothing to compare.");
  return {
    schedule,
    runId: run.id,
    set,
    olderSetId: older.id,
    item: pair.item,
    olderItemId: pair.before.id,
    restoreId: await plannedRestore(older.id, pair.before),
    foreign: { tenantId: person("owner", 1).tenant.id, setId: foreignSetId },
  };
}

/** A restore of one policy that is planned, and not asked for. */
async function plannedRestore(set_id: number, { policy_type, graph_id }: BackupItemView): Promise<number> {
  const { json } = await api<Restore>("manager", "POST", "/restores", {
    set_id,
    items: [{ policy_type, graph_id }],
  });
  await expect
    .poll(async () => (await api<Restore>("readonly", "GET", `/restores/${json.id}`)).json.status, {
      timeout: 60_000,
    })
    .toBe("planned");
  return json.id;
}

/** The newest set of the demo's first schedule: one that no test makes, damages or removes. */
export async function demoSetId(tenantIndex: number): Promise<number> {
  const read = async <T>(path: string) =>
    (await api<T[]>("readonly", "GET", path, undefined, tenantIndex)).json;
  const schedules = await read<Schedule>("/backup-schedules");
  const first = Math.min(...schedules.map((schedule) => schedule.id));
  const [set] = await read<BackupSetView>(`/backup-sets?schedule_id=${first}&limit=1`);
  if (!set) throw new Error("The demo's first schedule has no backup set.");
  return set.id;
}

/** The pages of platform administrators. */
export const administratorPages = [
  "/platform",
  "/platform/status",
  "/platform/alerts",
  "/platform/log?action=access",
] as const;

/** Every page of members behind the sign-in, for whoever looks at all of them. */
export function everyPage({
  schedule,
  runId,
  set,
  olderSetId,
  item,
  olderItemId,
  restoreId,
  foreign,
}: Places): string[] {
  const tenant = `/tenants/${schedule.tenant_id}`;
  const schedules = `${tenant}/backup-schedules`;
  const sets = `${tenant}/backup-sets`;
  return [
    "/tenants",
    "/profile",
    "/help/error-codes",
    tenant,
    `${tenant}?next=week`,
    schedules,
    `${schedules}?search=nothing+is+called+this`,
    `${schedules}/new`,
    `${schedules}/${schedule.id}`,
    `${schedules}/${schedule.id}/edit`,
    `${tenant}/runs`,
    `${tenant}/runs?status=failed&trigger=manual`,
    `${tenant}/runs/${runId}`,
    sets,
    `${sets}?bin=1`,
    `${sets}/${set.id}`,
    `${sets}/${set.id}/compare`,
    `${sets}/${set.id}/compare?with=${olderSetId}&change=changed`,
    `${sets}/${set.id}/compare/tenants?tenant=${foreign.tenantId}&set=${foreign.setId}`,
    `${sets}/${set.id}/items/${item.id}`,
    `${sets}/${set.id}/items/${item.id}/compare?with_set=${olderSetId}&with_item=${olderItemId}`,
    `${tenant}/policies`,
    `${tenant}/policies/contents?search=displayName`,
    `${tenant}/policies/${item.policy_type}/${encodeURIComponent(item.graph_id)}`,
    `${tenant}/restores`,
    `${tenant}/restores?status=failed`,
    `${tenant}/restores/${restoreId}`,
    `${tenant}/drift`,
    `${tenant}/drift?state=gone`,
    `${tenant}/alerts`,
    `${tenant}/audit-log`,
    `${tenant}/members`,
    `${tenant}/api-tokens`,
    `${tenant}/connection`,
  ];
}
