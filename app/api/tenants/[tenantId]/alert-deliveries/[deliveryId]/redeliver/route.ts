import { serve } from "#app/api/serve.ts";
import { redeliverAlert } from "#lib/delivery/deliveries";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(redeliverAlert);
