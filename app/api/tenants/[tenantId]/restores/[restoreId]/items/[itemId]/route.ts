import { serve } from "#app/api/serve.ts";
import { getRestoreItem } from "#lib/restore/item-details";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(getRestoreItem);
