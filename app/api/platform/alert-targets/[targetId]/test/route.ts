import { serve } from "#app/api/serve.ts";
import { testPlatformTarget } from "#lib/platform/alert-targets";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(testPlatformTarget);
