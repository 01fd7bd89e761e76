import { serve } from "#app/api/serve.ts";
import { getStorageOverview } from "#lib/overview/storage";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(getStorageOverview);
