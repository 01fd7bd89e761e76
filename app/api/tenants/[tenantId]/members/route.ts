import { serve } from "#app/api/serve.ts";
import { listMembers } from "#lib/members/members";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(listMembers);
