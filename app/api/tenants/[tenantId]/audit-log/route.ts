import { serve } from "#app/api/serve.ts";
import { listAuditLog } from "#lib/audit/list";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(listAuditLog);
