import { serve } from "#app/api/serve.ts";
import { removePlatformTarget, updatePlatformTarget } from "#lib/platform/alert-targets";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(removePlatformTarget, updatePlatformTarget);
