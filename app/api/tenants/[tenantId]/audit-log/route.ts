import { z } from "zod";
import { endpoint } from "#app/api/endpoint.ts";
import { listAuditLog } from "#lib/audit/list";
import { auditFilterSchema } from "#lib/audit/schema";
import { route } from "#lib/http/route";
import { auditEntry } from "#lib/http/schemas";
import { pageFields } from "#lib/pagination";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/audit-log",
    id: "listAuditLog",
    summary: "The audit log",
    tag: "Audit log",
    needs: "audit:view",
    query: z.strictObject({ ...pageFields, ...auditFilterSchema }),
    answer: { status: 200, description: "Newest first", schema: z.array(auditEntry), paged: true },
    call: ({ actor, ids, query }) => listAuditLog(actor, ids.tenantId, query),
  }),
});
