import { serve } from "#app/api/serve.ts";
import { removeUserSecondFactor } from "#lib/platform/users";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(removeUserSecondFactor);
