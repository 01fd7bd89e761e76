import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { withdrawInvitation } from "#lib/members/invitations";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  DELETE: endpoint({
    path: "/tenants/{tenantId}/invitations/{invitationId}",
    id: "withdrawInvitation",
    summary: "Withdraw an invitation",
    tag: "Members",
    needs: "member:write",
    answer: { status: 204, description: "Withdrawn; its link stops working at once" },
    call: ({ actor, ids }) => withdrawInvitation(actor, ids.tenantId, { invitation_id: ids.invitationId }),
  }),
});
