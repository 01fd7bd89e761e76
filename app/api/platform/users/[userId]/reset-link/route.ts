import { serve } from "#app/api/serve.ts";
import { makeUserResetLink } from "#lib/platform/users";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(makeUserResetLink);
