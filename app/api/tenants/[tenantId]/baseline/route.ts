import { serve } from "#app/api/serve.ts";
import { getBaseline, removeBaseline } from "#lib/drift/baseline";
import { setBaseline } from "#lib/drift/set-baseline";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(getBaseline, setBaseline, removeBaseline);
