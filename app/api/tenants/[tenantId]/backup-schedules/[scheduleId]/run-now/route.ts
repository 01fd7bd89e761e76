import { serve } from "#app/api/serve.ts";
import { startRun } from "#lib/runs/start";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(startRun);
