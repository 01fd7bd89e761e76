import { serve } from "#app/api/serve.ts";
import { resumeRestore } from "#lib/restore/request";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(resumeRestore);
