import { serve } from "#app/api/serve.ts";
import { addRoleRule, listRoleRules } from "#lib/members/role-rules";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(listRoleRules, addRoleRule);
