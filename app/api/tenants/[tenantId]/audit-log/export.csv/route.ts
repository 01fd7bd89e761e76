import { z } from "zod";
import { endpoint } from "#app/api/endpoint.ts";
import { exportAuditLog } from "#lib/audit/export";
import { auditFilterSchema } from "#lib/audit/schema";
import { download } from "#lib/http/download";
import { route } from "#lib/http/route";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/audit-log/export.csv",
    id: "exportAuditLogCsv",
    summary: "The audit log as CSV",
    description:
      "Everything that the list with the same filters shows, newest first. The export is itself an entry.",
    tag: "Audit log",
    needs: "audit:export",
    query: z.strictObject(auditFilterSchema),
    answer: {
      status: 200,
      description:
        "UTF-8 with a mark for spreadsheets, one line an entry; text that they would run as a formula begins with an apostrophe",
      mediaType: "text/csv",
    },
    call: async ({ actor, ids, query }) =>
      download(
        "text/csv; charset=utf-8",
        await exportAuditLog(actor, ids.tenantId, { ...query, format: "csv" }),
      ),
  }),
});
