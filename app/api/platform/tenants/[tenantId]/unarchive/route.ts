import { serve } from "#app/api/serve.ts";
import { unarchiveTenant } from "#lib/platform/tenants";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(unarchiveTenant);
