import { serve } from "#app/api/serve.ts";
import { removeAlertRule, updateAlertRule } from "#lib/alerts/rules";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(updateAlertRule, removeAlertRule);
