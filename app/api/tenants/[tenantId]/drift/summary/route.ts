import { serve } from "#app/api/serve.ts";
import { getDriftSummary } from "#lib/drift/list";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(getDriftSummary);
