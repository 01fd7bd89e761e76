import { serve } from "#app/api/serve.ts";
import { removeAlertTarget, updateAlertTarget } from "#lib/delivery/targets";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(updateAlertTarget, removeAlertTarget);
