import { serve } from "#app/api/serve.ts";
import { makeUserAdministrator, unmakeUserAdministrator } from "#lib/platform/users";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(
  makeUserAdministrator,
  unmakeUserAdministrator,
);
