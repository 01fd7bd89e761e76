import { serve } from "#app/api/serve.ts";
import { removePlatformRule, updatePlatformRule } from "#lib/platform/alert-rules";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(removePlatformRule, updatePlatformRule);
