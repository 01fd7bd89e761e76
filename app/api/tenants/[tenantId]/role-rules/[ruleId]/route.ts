import { serve } from "#app/api/serve.ts";
import { removeRoleRule } from "#lib/members/role-rules";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(removeRoleRule);
