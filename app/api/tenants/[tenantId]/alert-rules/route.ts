import { serve } from "#app/api/serve.ts";
import { createAlertRule, listAlertRules } from "#lib/alerts/rules";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(listAlertRules, createAlertRule);
