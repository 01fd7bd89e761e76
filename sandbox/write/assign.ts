import { type GraphObject, isObject, type Json, objectsOf, typeName } from "../json.ts";
import { schemas } from "../schema.ts";
import type { TenantState } from "../tenant.ts";
import { refuse } from "./check-body.ts";
import { exists } from "./tenant-objects.ts";
import type { WriteSpec } from "./write-spec.ts";

const FILTER_ID = "deviceAndAppManagementAssignmentFilterId";
const FILTER_TYPE = "deviceAndAppManagementAssignmentFilterType";

/** Kinds of targets, and the id that each carries. Source: deviceAndAppManagementAssignmentTarget in the reference. */
const TARGETS: Readonly<Record<string, string | null>> = {
  allDevicesAssignmentTarget: null,
  allLicensedUsersAssignmentTarget: null,
  groupAssignmentTarget: "groupId",
  exclusionGroupAssignmentTarget: "groupId",
  configurationManagerCollectionAssignmentTarget: "collectionId",
};

/**
 * The assignments of an object as they are after being written.
 * @throws GraphError 400 for groups and filters that are not there, and for targets that do not fit
 */
export function assignmentsFrom(
  tenant: TenantState,
  spec: WriteSpec,
  object: GraphObject,
  value: Json | undefined,
  elementType: string | undefined,
): GraphObject[] {
  if (!Array.isArray(value)) throw refuse("The list of assignments is missing.");
  return objectsOf(value).map((element) => {
    const { target } = element;
    if (!isObject(target)) throw refuse("An assignment has no target.");
    const allowed = elementType ? schemas.beta.propertiesOf(elementType) : undefined;
    for (const name of Object.keys(element)) {
      if (name === "target" || name === "@odata.type") continue;
      const property = allowed?.get(name);
      // `source` and `sourceId` come back from Graph and are its own.
      if (name === "id" || property?.readOnly || (allowed && !property))
        throw refuse(`The property ${name} of an assignment cannot be written.`);
    }
    const kind = typeName(target);
    if (!Object.hasOwn(TARGETS, kind)) throw refuse(`The target ${kind} is not known.`);
    const idName = TARGETS[kind] ?? null;
    const id = idName === null ? "" : String(target[idName] ?? "");
    // Microsoft365DSC#4467 and #4468: a group that is gone.
    if (idName === "groupId" && !exists(tenant, "groups", id)) throw refuse(`Invalid GroupId: ${id}.`);
    // Graph knows no assignment of app protection to all devices; CIPP#4677. Policy sets go to groups alone.
    if (spec.noAllDevices && kind === "allDevicesAssignmentTarget")
      throw refuse("All devices is no target here.");
    const filter = target[FILTER_ID] ?? null;
    const type = target[FILTER_TYPE] ?? "none";
    if (filter !== null && type === "none") throw refuse("A filter without its type.");
    if (filter === null && type !== "none") throw refuse("A filter's type without its filter.");
    if (filter !== null && kind === "exclusionGroupAssignmentTarget")
      throw refuse("An exclusion takes no filter.");
    if (filter !== null && !exists(tenant, "deviceManagement/assignmentFilters", String(filter)))
      throw refuse(`Invalid assignment filter: ${String(filter)}.`);
    const source: GraphObject = allowed?.has("source")
      ? { source: "direct", sourceId: String(object.id) }
      : {};
    return {
      ...element,
      id: `${String(object.id)}_${id === "" ? kind : id}`,
      ...source,
      target: { ...target, [FILTER_ID]: filter, [FILTER_TYPE]: type },
    };
  });
}
