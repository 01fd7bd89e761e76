import { serve } from "#app/api/serve.ts";
import { rotateSigningSecret } from "#lib/delivery/targets";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(rotateSigningSecret);
