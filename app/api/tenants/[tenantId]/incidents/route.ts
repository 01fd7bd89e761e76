import { serve } from "#app/api/serve.ts";
import { listIncidents } from "#lib/alerts/incidents";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(listIncidents);
