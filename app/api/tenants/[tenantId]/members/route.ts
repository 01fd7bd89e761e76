import { z } from "zod";
import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { member } from "#lib/http/schemas";
import { listMembers } from "#lib/members/members";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/members",
    id: "listMembers",
    summary: "The members of a tenant",
    tag: "Members",
    needs: "member:view",
    answer: { status: 200, description: "In the order of their names", schema: z.array(member) },
    call: ({ actor, ids }) => listMembers(actor, ids.tenantId, {}),
  }),
});
