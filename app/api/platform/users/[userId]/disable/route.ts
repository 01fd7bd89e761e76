import { serve } from "#app/api/serve.ts";
import { disableUser } from "#lib/platform/users";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(disableUser);
