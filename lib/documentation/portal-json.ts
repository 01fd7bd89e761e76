import { z } from "zod";
import { download, downloadView } from "#lib/download";
import { AppError } from "#lib/errors";
import { safeFileName } from "#lib/file-names";
import { readExactly, writeExactly } from "#lib/graph/exact-number";
import { bigIdSchema, idSchema } from "#lib/ids";
import { operation, operationInSteps } from "#lib/operation";
import { getItemContent } from "#lib/sets/items";

/** What the portal leaves out of its files: who a policy is for belongs to the tenant that it is in. */
const leftOut = new Set(["assignments", "isAssigned"]);

const beginPortalJson = operation({
  name: "documentation.begin_portal_json",
  permission: "set:export",
  effect: "write",
  input: z.strictObject({ set_id: idSchema, item_id: bigIdSchema }),
  output: z.void(),
  async run({ audit }, { set_id, item_id }) {
    audit({
      action: "set.documented",
      target: { kind: "set", id: set_id },
      details: { item_id, format: "portal" },
    });
  },
});

/**
 * A settings catalog policy in the form that Intune's own portal exports, and imports under Devices, Configuration, Create,
 * Import policy: the policy with its settings, without its assignments.
 * @throws AppError NOT_FOUND, FORBIDDEN; VALIDATION_FAILED for a policy of another type, which the portal does not import
 */
export const portalJson = operationInSteps({
  name: "item.portal_json",
  permission: "set:export",
  input: z.strictObject({ set_id: idSchema, item_id: bigIdSchema }),
  output: downloadView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/backup-sets/{setId}/items/{itemId}/portal-json",
    operationId: "getPortalJson",
    summary: "A settings catalog policy as Intune's portal imports it",
    description: "The form of the portal's own export: settings without assignments. Other types answer 422.",
    tag: "Backup sets",
    answer: "The file",
    mediaType: "application/json",
    respond: (file) => download("application/json", file),
  },
  async run({ actor, tenant }, input) {
    const { policy_type, display_name, json, volatile } = await getItemContent(actor, tenant.id, input);
    if (policy_type !== "settingsCatalogPolicy") {
      const message = "is no settings catalog policy; Intune's portal imports those alone";
      throw new AppError("VALIDATION_FAILED", `item_id: ${message}`, {
        errors: [{ path: "item_id", message }],
      });
    }
    await beginPortalJson(actor, tenant.id, input);
    const file = portalFile(readExactly(json) as Record<string, unknown>, volatile);
    return {
      filename: `${safeFileName(display_name, "policy")}.json`,
      stream: new Blob([file]).stream(),
    };
  },
});

/** @param volatile the policy's fields that a backup keeps beside its document, such as its times */
export function portalFile(document: Record<string, unknown>, volatile: Record<string, unknown>): string {
  const settings = Array.isArray(document.settings) ? document.settings : [];
  const policy = Object.fromEntries(
    Object.entries({ ...volatile, ...document }).filter(
      ([name]) => !leftOut.has(name) && !name.includes("@odata."),
    ),
  );
  return `${writeExactly(
    {
      "@odata.context":
        "https://graph.microsoft.com/beta/$metadata#deviceManagement/configurationPolicies/$entity",
      ...policy,
      settingCount: settings.length,
      settings: settings.map((setting: unknown, at) =>
        setting !== null && typeof setting === "object" ? { id: String(at), ...setting } : setting,
      ),
    },
    2,
  )}\n`;
}
