import { serve } from "#app/api/serve.ts";
import { compareTenants } from "#lib/compare/by-name";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(compareTenants);
