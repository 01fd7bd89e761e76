import { z } from "zod";
import { connectionOrFaultView, readConnectionOrFault } from "#lib/connection/store";
import { createGraphClient } from "#lib/graph/client";
import type { GraphConnection } from "#lib/graph/connection";
import { GraphError } from "#lib/graph/errors";
import { connectionTestSeconds, groupsFound } from "#lib/limits";
import { permissionForNames } from "#lib/names/permissions";
import { operation, operationInSteps } from "#lib/operation";
import type { FoundGroups } from "./schema.ts";
import { foundGroupsView } from "./views.ts";

const loadForSearch = operation({
  name: "restore.load_for_search",
  permission: "restore:plan",
  effect: "read",
  input: z.strictObject({}),
  output: connectionOrFaultView,
  run: ({ db, tenant }) => readConnectionOrFault(db, tenant.id),
});

/** Groups of the tenant by words of their names, to choose what a reference stands for. */
export const searchGroups = operationInSteps({
  name: "restore.search_groups",
  permission: "restore:plan",
  input: z.strictObject({
    search: z
      .string()
      .trim()
      .min(1, "must not be empty")
      .max(120, "must be at most 120 characters")
      .meta({ description: "Words of the name, or how they begin" }),
  }),
  output: foundGroupsView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/groups",
    operationId: "searchGroups",
    summary: "Groups of the tenant by name",
    description: `Asks Microsoft Graph with the connection that reads; at most ${groupsFound}.`,
    tag: "Restores",
    answer: "By name; where Graph could not be asked, why",
  },
  async run({ actor, tenant }, { search }) {
    const connection = await loadForSearch(actor, tenant.id, {});
    return connection instanceof GraphError ? unasked(connection.message) : askGraph(connection, search);
  },
});

async function askGraph(connection: GraphConnection, search: string): Promise<FoundGroups> {
  const client = createGraphClient(connection, {
    signal: AbortSignal.timeout(connectionTestSeconds * 1_000),
  });
  const words = `"displayName:${search.replaceAll(/[\\"]/g, "\\$&")}"`;
  const path = `groups?$search=${encodeURIComponent(words)}&$select=id,displayName&$top=${groupsFound}`;
  try {
    const { value, nextLink } = await client.search(path, "v1.0");
    const groups = value.flatMap(({ id, displayName }) =>
      typeof id === "string" && typeof displayName === "string" ? [{ id, name: displayName }] : [],
    );
    return {
      groups: groups.sort((a, b) => a.name.localeCompare(b.name, "en")).slice(0, groupsFound),
      has_more: nextLink !== null || value.length > groupsFound,
      problem: null,
    };
  } catch (error) {
    if (!(error instanceof GraphError)) return unasked("Microsoft Graph did not answer in time. Try again.");
    return unasked(
      error.code === "PERMISSION_MISSING"
        ? `The connection may not read groups: grant ${permissionForNames("group")}, or enter the group's object id.`
        : error.message,
    );
  }
}

function unasked(problem: string): FoundGroups {
  return { groups: [], has_more: false, problem };
}
