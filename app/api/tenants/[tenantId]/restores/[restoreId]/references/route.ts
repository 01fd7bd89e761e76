import { serve } from "#app/api/serve.ts";
import { decideReference, listRestoreReferences } from "#lib/restore/change-plan";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(decideReference, listRestoreReferences);
