import { serve } from "#app/api/serve.ts";
import { at } from "#lib/http/serve";
import { getRun } from "#lib/runs/get";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(at(getRun, "getRun"));
