import { collectionAt } from "../collections.ts";
import { type GraphObject, isObject, type Json } from "../json.ts";
import type { TenantState } from "../tenant.ts";
import { refuse } from "./check-body.ts";
import { exists, hasApplication } from "./tenant-objects.ts";

const texts = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
const object = (value: Json | undefined): GraphObject => (isObject(value) ? value : {});

const WELL_KNOWN: Readonly<Record<string, readonly string[]>> = {
  users: ["All", "None", "GuestsOrExternalUsers"],
  apps: ["All", "None", "Office365", "MicrosoftAdminPortals"],
  locations: ["All", "AllTrusted", "00000000-0000-0000-0000-000000000000"],
};

/**
 * Refuses a policy as conditional access does. Sources: learn.microsoft.com, conditional access error codes;
 * CIPP#3614 (1054), MWC#50 (1012), IntuneManagement#364 (application without service principal).
 * @throws GraphError 400
 */
export function checkConditionalAccess(tenant: TenantState, policy: GraphObject): void {
  const conditions = object(policy.conditions);
  const applications = object(conditions.applications);
  const included = texts(applications.includeApplications);
  const actions = texts(applications.includeUserActions);
  const contexts = texts(applications.includeAuthenticationContextClassReferences);
  if (included.length === 0 && actions.length === 0 && contexts.length === 0)
    throw refuse("1011: Policy contains invalid applications: includeApplications is empty.");
  if (included.length > 0 && actions.length > 0)
    throw refuse("1012: Policy cannot contain both applications and user actions.");
  for (const id of [...included, ...texts(applications.excludeApplications)])
    if (!WELL_KNOWN.apps?.includes(id) && !hasApplication(tenant, id))
      throw refuse(`Policy contains an application that is not in the directory: ${id}.`);
  const users = object(conditions.users);
  for (const side of ["include", "exclude"]) {
    for (const id of texts(users[`${side}Groups`]))
      if (!exists(tenant, "groups", id)) throw refuse(`1054: Invalid group value: ${id}.`);
    for (const id of texts(users[`${side}Users`]))
      if (!WELL_KNOWN.users?.includes(id) && !exists(tenant, "users", id))
        throw refuse(`Invalid user value: ${id}.`);
    for (const id of texts(object(conditions.locations)[`${side}Locations`]))
      if (
        !WELL_KNOWN.locations?.includes(id) &&
        !exists(tenant, "identity/conditionalAccess/namedLocations", id)
      )
        throw refuse(`Invalid named location: ${id}.`);
  }
  const grant = object(policy.grantControls);
  const strength = grant.authenticationStrength;
  if (!isObject(strength)) return;
  // Other properties are the strength's own: M365DSC and CIPP send its id alone.
  if (Object.keys(strength).some((name) => name !== "id" && name !== "@odata.type"))
    throw refuse("authenticationStrength takes an id alone.");
  if (!exists(tenant, "policies/authenticationStrengthPolicies", String(strength.id)))
    throw refuse(`Invalid authentication strength: ${String(strength.id)}.`);
  if (grant.operator !== "AND")
    throw refuse("With an authentication strength the operator of the grant controls must be AND.");
}

/** @throws GraphError 400 where security defaults are turned on beside enabled policies */
export function checkSecurityDefaults(tenant: TenantState, body: GraphObject): void {
  if (body.isEnabled !== true) return;
  const spec = collectionAt("identity/conditionalAccess/policies");
  const store = spec && tenant.store.collection(spec);
  // learn.microsoft.com, security defaults: they and enabled conditional access policies exclude each other.
  if (store && [...store.indexes()].some((index) => store.entityAt(index).props.state === "enabled"))
    throw refuse("Security defaults cannot be enabled while conditional access policies are.");
}
