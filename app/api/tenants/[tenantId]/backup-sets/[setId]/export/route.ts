import { serve } from "#app/api/serve.ts";
import { exportSet } from "#lib/sets/export";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(exportSet);
