import { serve } from "#app/api/serve.ts";
import { getDrift } from "#lib/drift/details";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(getDrift);
