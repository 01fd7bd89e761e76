import { serve } from "#app/api/serve.ts";
import { testConnection } from "#lib/connection/connection";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(testConnection);
