import { serve } from "#app/api/serve.ts";
import { previewRetention } from "#lib/retention/retention";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(previewRetention);
