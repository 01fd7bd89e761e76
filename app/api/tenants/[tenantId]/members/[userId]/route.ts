import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { memberRoleBody } from "#lib/http/schemas";
import { withIds } from "#lib/http/with-ids";
import { removeMember, setMemberRole } from "#lib/members/members";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  PATCH: endpoint({
    path: "/tenants/{tenantId}/members/{userId}",
    id: "setMemberRole",
    summary: "Change a member's role",
    tag: "Members",
    needs: "member:write",
    body: { schema: memberRoleBody },
    answer: { status: 204, description: "Changed" },
    errors: ["CONFLICT"],
    call: ({ actor, ids, body }) =>
      setMemberRole(actor, ids.tenantId, withIds(body, { user_id: ids.userId })),
  }),
  DELETE: endpoint({
    path: "/tenants/{tenantId}/members/{userId}",
    id: "removeMember",
    summary: "Take a member out of the tenant",
    tag: "Members",
    needs: "member:write",
    answer: { status: 204, description: "Removed" },
    errors: ["CONFLICT"],
    call: ({ actor, ids }) => removeMember(actor, ids.tenantId, { user_id: ids.userId }),
  }),
});
