import { serve } from "#app/api/serve.ts";
import { createPlatformTarget, listPlatformTargets } from "#lib/platform/alert-targets";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(createPlatformTarget, listPlatformTargets);
