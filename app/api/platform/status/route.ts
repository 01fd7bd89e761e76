import { serve } from "#app/api/serve.ts";
import { getPlatformStatus } from "#lib/platform/status";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(getPlatformStatus);
