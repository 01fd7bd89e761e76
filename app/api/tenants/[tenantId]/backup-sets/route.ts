import { serve } from "#app/api/serve.ts";
import { listBackupSets } from "#lib/sets/sets";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(listBackupSets);
