import { serve } from "#app/api/serve.ts";
import { planRestore } from "#lib/restore/create";
import { listRestores } from "#lib/restore/list";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(listRestores, planRestore);
