import { serve } from "#app/api/serve.ts";
import { restoreSet } from "#lib/sets/bin";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(restoreSet);
