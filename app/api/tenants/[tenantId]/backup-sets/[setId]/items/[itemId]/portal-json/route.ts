import { serve } from "#app/api/serve.ts";
import { portalJson } from "#lib/documentation/portal-json";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(portalJson);
