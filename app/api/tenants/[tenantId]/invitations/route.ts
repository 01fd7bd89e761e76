import { z } from "zod";
import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { invitation, newInvitation } from "#lib/http/schemas";
import { invitationDays, inWords } from "#lib/limits";
import { inviteSchema } from "#lib/members/invitation-schema";
import { inviteMember, listInvitations } from "#lib/members/invitations";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/invitations",
    id: "listInvitations",
    summary: "The open invitations of a tenant",
    tag: "Members",
    needs: "member:write",
    answer: {
      status: 200,
      description: "Neither accepted nor withdrawn, newest first, without their links",
      schema: z.array(invitation),
    },
    call: ({ actor, ids }) => listInvitations(actor, ids.tenantId, {}),
  }),
  POST: endpoint({
    path: "/tenants/{tenantId}/invitations",
    id: "inviteMember",
    summary: "Invite somebody to the tenant",
    description: `Whoever has the link accepts within ${inWords(invitationDays)} days, with the account of this address or a new one. An earlier invitation of the address ends.`,
    tag: "Members",
    needs: "member:write",
    body: { schema: inviteSchema },
    answer: { status: 201, description: "Invited", schema: newInvitation },
    errors: ["CONFLICT"],
    call: ({ actor, ids, body }) => inviteMember(actor, ids.tenantId, body),
  }),
});
