import { serve } from "#app/api/serve.ts";
import { getConnection, saveConnection } from "#lib/connection/connection";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(getConnection, saveConnection);
