import { serve } from "#app/api/serve.ts";
import { restoreDrift } from "#lib/drift/restore-drift";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(restoreDrift);
