import { z } from "zod";
import { operation } from "#lib/operation";
import { decodeCursor, type Page, pageFields, toPage } from "#lib/pagination";

/** One entry of the audit log. */
export interface AuditEntryView {
  id: number;
  at: string;
  actor_kind: "user" | "token" | "system";
  actor_id: number | null;
  actor_name: string;
  action: string;
  target_kind: string | null;
  target_id: number | null;
  details: Record<string, unknown>;
}

/** The tenant's audit log, newest first; of one action (`run.failed`) or group of actions (`run`) when asked. */
export const listAuditLog = operation({
  name: "audit.list",
  permission: "audit:view",
  effect: "read",
  input: z.strictObject({ ...pageFields, action: z.string().max(100).optional() }),
  async run({ db }, { limit, cursor, action }): Promise<Page<AuditEntryView>> {
    const before = decodeCursor(cursor);
    const rows = await db.auditEntry.findMany({
      where: {
        ...(before === null ? {} : { id: { lt: before } }),
        ...(action ? (action.includes(".") ? { action } : { action: { startsWith: `${action}.` } }) : {}),
      },
      orderBy: { id: "desc" },
      take: limit + 1,
    });
    return toPage(rows, limit, (row) => ({
      id: Number(row.id),
      at: row.at.toISOString(),
      actor_kind: row.actor_kind as AuditEntryView["actor_kind"],
      actor_id: row.actor_id,
      actor_name: row.actor_name,
      action: row.action,
      target_kind: row.target_kind,
      target_id: row.target_id,
      details: row.details as Record<string, unknown>,
    }));
  },
});
