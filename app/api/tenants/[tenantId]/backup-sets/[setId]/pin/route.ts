import { serve } from "#app/api/serve.ts";
import { pinSet, unpinSet } from "#lib/sets/pin";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(pinSet, unpinSet);
