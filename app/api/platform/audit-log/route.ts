import { serve } from "#app/api/serve.ts";
import { listPlatformLog } from "#lib/platform/audit-log";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(listPlatformLog);
