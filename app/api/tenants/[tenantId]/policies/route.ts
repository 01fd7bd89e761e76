import { serve } from "#app/api/serve.ts";
import { searchPolicies } from "#lib/sets/policy-history";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(searchPolicies);
