import { endpoint } from "#app/api/endpoint.ts";
import { route } from "#lib/http/route";
import { exportSet } from "#lib/sets/export";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    path: "/tenants/{tenantId}/backup-sets/{setId}/export",
    id: "exportBackupSet",
    summary: "The set as a ZIP",
    description:
      "A folder a type with the names that IntuneManagement imports from, one JSON file a policy, and manifest.json " +
      "with every file's hash.",
    tag: "Backup sets",
    needs: "set:export",
    answer: { status: 200, description: "The archive, streamed", mediaType: "application/zip" },
    call: async ({ actor, ids }) => {
      const { filename, stream } = await exportSet(actor, ids.tenantId, { set_id: ids.setId });
      const plain = filename.replace(/[^\x20-\x7e]|["\\%]/g, "_");
      return new Response(stream, {
        headers: {
          "Content-Type": "application/zip",
          "Content-Disposition": `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(filename)}`,
        },
      });
    },
  }),
});
