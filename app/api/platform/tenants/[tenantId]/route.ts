import { serve } from "#app/api/serve.ts";
import { renameTenant } from "#lib/platform/tenants";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(renameTenant);
