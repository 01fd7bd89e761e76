import { serve } from "#app/api/serve.ts";
import { getRestoreSettings, saveRestoreSettings } from "#lib/restore/settings";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(getRestoreSettings, saveRestoreSettings);
