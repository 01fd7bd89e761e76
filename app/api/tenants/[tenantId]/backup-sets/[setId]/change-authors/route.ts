import { serve } from "#app/api/serve.ts";
import { changeAuthorsReport } from "#lib/authors/change-authors";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(changeAuthorsReport);
