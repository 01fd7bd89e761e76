import { serve } from "#app/api/serve.ts";
import { documentSet } from "#lib/documentation/document-set";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(documentSet);
