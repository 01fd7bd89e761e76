import { serve } from "#app/api/serve.ts";
import { acceptDrift } from "#lib/drift/decide";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(acceptDrift);
