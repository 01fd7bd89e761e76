import { serve } from "#app/api/serve.ts";
import { createPlatformRule, listPlatformRules } from "#lib/platform/alert-rules";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(createPlatformRule, listPlatformRules);
