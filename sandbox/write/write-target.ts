import { type GraphPath, parsePath, type Resource } from "../resource-path.ts";

/** Last segments that are no property: actions of Intune and Entra, and links. */
const ACTIONS: ReadonlySet<string> = new Set([
  "$ref",
  "assign",
  "changeSettings",
  "scheduleActionsForRules",
  "setEnrollmentTimeDeviceMembershipTarget",
  "setPriority",
  "setScheduledActions",
  "targetApps",
  "update",
  "updateAllowedCombinations",
  "updateDefinitionValues",
  "updateSettings",
  "windowsPrivacyAccessControls",
]);

/** What a request that writes is aimed at. */
export interface WriteTarget {
  resource: Resource;
  /** Of the object, or of its links; undefined: the object or collection itself. */
  action: string | undefined;
  /** The template of which an instance is made. */
  template?: string;
  /** The id of a configuration inside the policy of authentication methods. */
  method?: string;
}

/** Reads the path of a request that writes; undefined when there is no such resource. */
export function writeTargetOf(path: GraphPath): WriteTarget | undefined {
  const at = (text: string): Resource | undefined =>
    parsePath(`/${path.version}/${text.split("/").map(encodeURIComponent).join("/")}`)?.resource;
  const instance = /^deviceManagement\/templates\/([^/]+)\/createInstance$/i.exec(path.path);
  if (instance?.[1] !== undefined) {
    const resource = at("deviceManagement/intents");
    return resource && { resource, action: "createInstance", template: instance[1] };
  }
  const method =
    /^(policies\/authenticationMethodsPolicy)\/authenticationMethodConfigurations\/([^/]+)$/i.exec(path.path);
  if (method?.[1] !== undefined && method[2] !== undefined) {
    const resource = at(method[1]);
    return resource && { resource, action: undefined, method: method[2] };
  }
  const [, above = "", last = ""] = /^(.*)\/([^/]+)$/.exec(path.path) ?? [];
  if (ACTIONS.has(last)) {
    const resource = at(above);
    return resource && { resource, action: last };
  }
  return path.resource && { resource: path.resource, action: undefined };
}
