import { serve } from "#app/api/serve.ts";
import { at } from "#lib/http/serve";
import { cancelRun } from "#lib/runs/cancel";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(at(cancelRun, "cancelRun"));
