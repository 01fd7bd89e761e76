import { serve } from "#app/api/serve.ts";
import { at } from "#lib/http/serve";
import { listRuns } from "#lib/runs/list";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(at(listRuns, "listRuns"));
