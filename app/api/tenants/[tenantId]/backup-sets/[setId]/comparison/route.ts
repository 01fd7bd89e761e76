import { serve } from "#app/api/serve.ts";
import { compareSets } from "#lib/compare/compare";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(compareSets);
