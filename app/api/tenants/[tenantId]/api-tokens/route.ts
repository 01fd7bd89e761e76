import { serve } from "#app/api/serve.ts";
import { createToken, listTokens } from "#lib/tokens/tokens";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(listTokens, createToken);
