import { serve } from "#app/api/serve.ts";
import { compareItems } from "#lib/compare/items";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(compareItems);
