import { z } from "zod";
import { operation } from "#lib/operation";
import { decodeCursor, pageFields, toPage } from "#lib/pagination";
import { pageOf } from "#lib/view-fields";
import { readEntries } from "./matching.ts";
import { auditFilterSchema } from "./schema.ts";
import { auditEntryView } from "./views.ts";

/** The tenant's audit log, newest first, filtered, a page at a time. */
export const listAuditLog = operation({
  name: "audit.list",
  permission: "audit:view",
  effect: "read",
  input: z.strictObject({ ...pageFields, ...auditFilterSchema }),
  output: pageOf(auditEntryView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/audit-log",
    operationId: "listAuditLog",
    summary: "The audit log",
    tag: "Audit log",
    answer: "Newest first",
    paged: true,
  },
  async run({ db }, { limit, cursor, ...filter }) {
    const rows = await readEntries(db, filter, decodeCursor(cursor), limit + 1);
    return toPage(rows, limit, (entry) => entry);
  },
});
