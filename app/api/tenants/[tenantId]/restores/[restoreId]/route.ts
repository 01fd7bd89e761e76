import { serve } from "#app/api/serve.ts";
import { getRestore } from "#lib/restore/list";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(getRestore);
