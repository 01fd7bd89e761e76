import { serve } from "#app/api/serve.ts";
import { replanRestore } from "#lib/restore/change-plan";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(replanRestore);
