import { z } from "zod";
import { route } from "#lib/http/route";
import { member } from "#lib/http/schemas";
import { listMembers } from "#lib/tenants/members";
import { endpoint } from "../../../endpoint.ts";

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
