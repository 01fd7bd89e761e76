import { serve } from "#app/api/serve.ts";
import { getItemWords } from "#lib/sets/item-words";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(getItemWords);
