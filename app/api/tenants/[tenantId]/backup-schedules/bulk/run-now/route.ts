import { serve } from "#app/api/serve.ts";
import { startRuns } from "#lib/runs/start";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(startRuns);
