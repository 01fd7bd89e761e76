import { serve } from "#app/api/serve.ts";
import { tenantSummary } from "#lib/overview/my-tenants";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(tenantSummary);
