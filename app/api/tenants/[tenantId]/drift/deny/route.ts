import { serve } from "#app/api/serve.ts";
import { denyDrift } from "#lib/drift/decide";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(denyDrift);
