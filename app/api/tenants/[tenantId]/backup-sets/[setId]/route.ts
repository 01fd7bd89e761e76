import { serve } from "#app/api/serve.ts";
import { removeSet } from "#lib/sets/bin";
import { getBackupSet } from "#lib/sets/sets";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(getBackupSet, removeSet);
