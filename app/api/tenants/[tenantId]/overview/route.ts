import { serve } from "#app/api/serve.ts";
import { getTenantOverview } from "#lib/overview/overview";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(getTenantOverview);
