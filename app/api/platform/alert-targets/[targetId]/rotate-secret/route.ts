import { serve } from "#app/api/serve.ts";
import { rotatePlatformSecret } from "#lib/platform/alert-targets";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(rotatePlatformSecret);
