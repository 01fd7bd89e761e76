import { serve } from "#app/api/serve.ts";
import { rotateToken } from "#lib/tokens/tokens";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(rotateToken);
