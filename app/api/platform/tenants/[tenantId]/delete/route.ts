import { serve } from "#app/api/serve.ts";
import { deleteTenant } from "#lib/platform/delete-tenant";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(deleteTenant);
