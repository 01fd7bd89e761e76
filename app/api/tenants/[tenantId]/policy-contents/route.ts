import { serve } from "#app/api/serve.ts";
import { searchContents } from "#lib/contents/search";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(searchContents);
