import { serve } from "#app/api/serve.ts";
import { at } from "#lib/http/serve";
import { setSchedulesEnabled } from "#lib/schedules/set-enabled";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(at(setSchedulesEnabled, "bulkEnable"));
