import { serve } from "#app/api/serve.ts";
import { verifySet } from "#lib/integrity/verify";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(verifySet);
