import { z } from "zod";
import { readEntries } from "#lib/audit/matching";
import { auditFilterSchema } from "#lib/audit/schema";
import { auditEntryView } from "#lib/audit/views";
import { administratorOperation } from "#lib/operation";
import { decodeCursor, pageFields, toPage } from "#lib/pagination";
import { pageOf } from "#lib/view-fields";

/** The platform's own log, newest first, filtered, a page at a time. No tenant's log is in it. */
export const listPlatformLog = administratorOperation({
  name: "platform.list_log",
  effect: "read",
  input: z.strictObject({ ...pageFields, ...auditFilterSchema }),
  output: pageOf(auditEntryView),
  http: {
    method: "GET",
    path: "/platform/audit-log",
    operationId: "listPlatformAuditLog",
    summary: "The platform's own audit log",
    description:
      "What was done to tenants and accounts as such, and what happened at the doors that is of no tenant.",
    tag: "Platform",
    answer: "Newest first",
    paged: true,
  },
  async run({ db }, { limit, cursor, ...filter }) {
    const rows = await readEntries(db, filter, decodeCursor(cursor), limit + 1, "platform");
    return toPage(rows, limit, (entry) => entry);
  },
});
