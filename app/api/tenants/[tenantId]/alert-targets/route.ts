import { serve } from "#app/api/serve.ts";
import { createAlertTarget, listAlertTargets } from "#lib/delivery/targets";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(listAlertTargets, createAlertTarget);
