import { serve } from "#app/api/serve.ts";
import { createTenant, listTenants } from "#lib/platform/tenants";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(createTenant, listTenants);
