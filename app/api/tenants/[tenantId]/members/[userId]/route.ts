import { serve } from "#app/api/serve.ts";
import { removeMember, setMemberRole } from "#lib/members/members";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(setMemberRole, removeMember);
