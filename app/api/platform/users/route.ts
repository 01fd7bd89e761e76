import { serve } from "#app/api/serve.ts";
import { listUsers } from "#lib/platform/users";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(listUsers);
