import { serve } from "#app/api/serve.ts";
import { watchTenant } from "#lib/live/watch";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(watchTenant);
