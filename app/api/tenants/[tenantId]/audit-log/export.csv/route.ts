import { serve } from "#app/api/serve.ts";
import { exportAuditLog } from "#lib/audit/export";
import { at } from "#lib/http/serve";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(at(exportAuditLog, "exportAuditLogCsv"));
