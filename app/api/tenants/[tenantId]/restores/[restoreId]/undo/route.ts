import { serve } from "#app/api/serve.ts";
import { undoRestore } from "#lib/restore/create";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(undoRestore);
