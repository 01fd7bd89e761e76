import { serve } from "#app/api/serve.ts";
import { searchGroups } from "#lib/restore/search-groups";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(searchGroups);
