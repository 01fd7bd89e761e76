import { serve } from "#app/api/serve.ts";
import { withdrawInvitation } from "#lib/members/invitations";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(withdrawInvitation);
