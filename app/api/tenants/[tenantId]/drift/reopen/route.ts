import { serve } from "#app/api/serve.ts";
import { reopenDrift } from "#lib/drift/decide";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(reopenDrift);
