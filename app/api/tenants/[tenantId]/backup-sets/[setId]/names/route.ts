import { serve } from "#app/api/serve.ts";
import { getSetNames } from "#lib/sets/read-names";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(getSetNames);
