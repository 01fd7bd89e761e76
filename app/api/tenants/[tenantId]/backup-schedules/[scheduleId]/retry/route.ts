import { serve } from "#app/api/serve.ts";
import { retryRun } from "#lib/runs/retry";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(retryRun);
