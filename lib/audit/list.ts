import { z } from "zod";
import { operation } from "#lib/operation";
import { decodeCursor, type Page, pageFields, toPage } from "#lib/pagination";
import { readEntries } from "./matching.ts";
import { type AuditEntryView, auditFilterSchema } from "./schema.ts";

/** The tenant's audit log, newest first, filtered, a page at a time. */
export const listAuditLog = operation({
  name: "audit.list",
  permission: "audit:view",
  effect: "read",
  input: z.strictObject({ ...pageFields, ...auditFilterSchema }),
  async run({ db }, { limit, cursor, ...filter }): Promise<Page<AuditEntryView>> {
    const rows = await readEntries(db, filter, decodeCursor(cursor), limit + 1);
    return toPage(rows, limit, (entry) => entry);
  },
});
