import { serve } from "#app/api/serve.ts";
import { inviteMember, listInvitations } from "#lib/members/invitations";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(listInvitations, inviteMember);
