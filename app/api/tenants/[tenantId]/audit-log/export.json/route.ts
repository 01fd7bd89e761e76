import { z } from "zod";
import { endpoint } from "#app/api/endpoint.ts";
import { exportAuditLog } from "#lib/audit/export";
import { auditFilterSchema } from "#lib/audit/schema";
import { download } from "#lib/http/download";
import { route } from "#lib/http/route";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/audit-log/export.json",
    id: "exportAuditLogJson",
    summary: "The audit log as one JSON file",
    description:
      "Everything that the list with the same filters shows, newest first. The export is itself an entry.",
    tag: "Audit log",
    needs: "audit:export",
    query: z.strictObject(auditFilterSchema),
    answer: {
      status: 200,
      description: "A JSON array of entries, streamed",
      mediaType: "application/json",
    },
    call: async ({ actor, ids, query }) =>
      download(
        "application/json; charset=utf-8",
        await exportAuditLog(actor, ids.tenantId, { ...query, format: "json" }),
      ),
  }),
});
