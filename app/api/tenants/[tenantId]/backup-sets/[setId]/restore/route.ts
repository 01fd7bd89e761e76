import { endpoint } from "#app/api/endpoint.ts";
import { restoreBody } from "#lib/http/backup-schemas";
import { route } from "#lib/http/route";
import { backupSet } from "#lib/http/schemas";
import { withIds } from "#lib/http/with-ids";
import { restoreSet } from "#lib/sets/bin";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  POST: endpoint({
    path: "/tenants/{tenantId}/backup-sets/{setId}/restore",
    id: "restoreBackupSet",
    summary: "Take a set out of the bin",
    tag: "Backup sets",
    needs: "set:remove",
    body: { schema: restoreBody, optional: true },
    answer: { status: 200, description: "The restored set", schema: backupSet },
    call: ({ actor, ids, body }) => restoreSet(actor, ids.tenantId, withIds(body, { set_id: ids.setId })),
  }),
});
