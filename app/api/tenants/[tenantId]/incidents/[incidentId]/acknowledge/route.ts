import { serve } from "#app/api/serve.ts";
import { acknowledgeIncident } from "#lib/alerts/incidents";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(acknowledgeIncident);
