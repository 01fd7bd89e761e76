import { z } from "zod";
import { operation } from "#lib/operation";

const attentionView = z.strictObject({
  unread_notifications: z.int(),
  newest_notification_id: z
    .int()
    .meta({ description: "0 when there is none. A new one shows here even while another is read" }),
  open_incidents: z.int().meta({ description: "What is wrong now, and nobody has snoozed" }),
  active_runs: z.int(),
  failing_schedules: z
    .int()
    .meta({ description: "Enabled schedules whose last run failed; none in an archived tenant" }),
});

/** What every page of a tenant shows beside its own content: the bell's count, and the state in tab title and icon. */
export type TenantAttention = z.infer<typeof attentionView>;

/** What in this tenant asks for the caller's attention now. Answered from indexes alone, since every page asks. */
export const tenantAttention = operation({
  name: "tenant.attention",
  permission: "tenant:view",
  effect: "read",
  input: z.strictObject({}),
  output: attentionView,
  async run({ db, tenant, actor }) {
    const user_id = actor.kind === "user" ? (actor.id ?? 0) : 0;
    const [row] = await db.$queryRaw<
      (Omit<TenantAttention, "newest_notification_id"> & { newest: bigint })[]
    >`
      SELECT
        (SELECT count(*)::int FROM notifications
         WHERE tenant_id = ${tenant.id} AND user_id = ${user_id} AND read_at IS NULL) AS unread_notifications,
        (SELECT coalesce(max(id), 0) FROM notifications
         WHERE tenant_id = ${tenant.id} AND user_id = ${user_id}) AS newest,
        (SELECT count(*)::int FROM incidents
         WHERE tenant_id = ${tenant.id} AND closed_at IS NULL
           AND (snoozed_until IS NULL OR snoozed_until <= now())) AS open_incidents,
        (SELECT count(*)::int FROM backup_schedule_runs
         WHERE tenant_id = ${tenant.id} AND status = 'running') AS active_runs,
        (SELECT count(*)::int FROM backup_schedules
         -- In an archived tenant nothing runs, and nobody can do anything about what failed before.
         WHERE tenant_id = ${tenant.id} AND last_run_status = 'failed' AND is_enabled
           AND deleted_at IS NULL AND NOT ${tenant.is_archived}::boolean) AS failing_schedules`;
    return {
      unread_notifications: row?.unread_notifications ?? 0,
      newest_notification_id: Number(row?.newest ?? 0),
      open_incidents: row?.open_incidents ?? 0,
      active_runs: row?.active_runs ?? 0,
      failing_schedules: row?.failing_schedules ?? 0,
    };
  },
});
