import { baseOf, type CollectionSpec } from "../collections.ts";
import { GraphError, intuneMessage, type RequestIds } from "../http-error.ts";
import { type GraphObject, isObject, type Json, objectsOf, typeName } from "../json.ts";
import type { GraphPath } from "../resource-path.ts";
import { schemas } from "../schema.ts";
import type { TenantState } from "../tenant.ts";
import {
  acted,
  catalogSettings,
  checkOmaSettings,
  knows,
  policySetItems,
  scheduledActions,
  withIntentSettings,
  withLink,
} from "./actions.ts";
import { assignmentsFrom } from "./assign.ts";
import { checkBody, refuse } from "./check-body.ts";
import { checkConditionalAccess, checkSecurityDefaults } from "./conditional-access.ts";
import { withOnboardingFiles } from "./onboarding-files.ts";
import { exists, type MicrosoftContent, newId, objectIn } from "./tenant-objects.ts";
import { type WriteSpec, writeSpecOf } from "./write-spec.ts";
import { type WriteTarget, writeTargetOf } from "./write-target.ts";

/** One request that writes, before anything is judged. */
interface WriteCall {
  tenant: TenantState;
  roles: readonly string[];
  content: MicrosoftContent;
  method: string;
  graphPath: GraphPath;
  body: unknown;
  headers: Readonly<Record<string, string | undefined>>;
  ids: RequestIds;
}

/** Types of which there are no objects, only of those below them. */
const ABSTRACT: ReadonlySet<string> = new Set([
  "deviceCompliancePolicy",
  "deviceConfiguration",
  "deviceEnrollmentConfiguration",
  "managedAppPolicy",
  "managedDeviceMobileAppConfiguration",
  "mobileApp",
  "namedLocation",
  "windowsAutopilotDeploymentProfile",
]);

interface Written {
  status: number;
  body: Json | undefined;
}

/** What a write found: the collection, its rules and the object. */
interface Aim extends WriteTarget {
  call: WriteCall;
  collection: CollectionSpec;
  spec: WriteSpec;
  body: GraphObject;
}

/**
 * Writes as Graph does, or refuses as it does.
 * @throws GraphError 400 for what does not fit, 403 without the permission, 404 without the object, 405, 412
 */
export function answerWrite(call: WriteCall): Written {
  const { graphPath, method, tenant, ids } = call;
  const target = writeTargetOf(graphPath);
  const collection = target?.resource.spec;
  const spec = collection && writeSpecOf(collection.path);
  if (!target || !collection || !spec) {
    throw collection
      ? new GraphError(405, "MethodNotAllowed", "The sandbox serves this collection for reading alone.", {
          Allow: "GET",
        })
      : refuse(`Resource not found for the segment '${graphPath.unknown}'.`);
  }
  if (!collection.versions.includes(graphPath.version))
    throw refuse(`Resource not found for the segment '${collection.path.split("/").at(-1)}'.`);
  checkPermission(call, collection, spec);
  // Nothing is ever deleted by a restore, and nothing can be here.
  if (method === "DELETE") throw notAllowed();
  if (call.body !== undefined && !isObject(call.body)) throw refuse("Unable to read JSON request payload.");
  if (collection.family === "intune")
    tenant.approvals.judge(`${method} ${graphPath.path} ${JSON.stringify(call.body)}`, call.headers);
  const aim: Aim = { ...target, call, collection, spec, body: isObject(call.body) ? call.body : {} };
  try {
    return written(aim);
  } catch (error) {
    if (!(error instanceof GraphError) || collection.family !== "intune" || error.status !== 400) throw error;
    throw new GraphError(400, error.code, intuneMessage(error.message, graphPath.path, ids));
  }
}

function notAllowed(): GraphError {
  return new GraphError(405, "MethodNotAllowed", "The method is not allowed here.", { Allow: "GET" });
}

/** Reading permissions never suffice: learn.microsoft.com, the permissions of each operation. */
function checkPermission(
  { roles, graphPath, ids }: WriteCall,
  { family }: CollectionSpec,
  spec: WriteSpec,
): void {
  const missing = spec.permissions.filter((permission) => !roles.includes(permission));
  if (missing.length === 0) return;
  if (family === "intune") {
    const text =
      "Application is not authorized to perform this operation. Application must have one of the following scopes: " +
      missing.join(", ");
    throw new GraphError(403, "Forbidden", intuneMessage(text, graphPath.path, ids));
  }
  throw family === "conditionalAccess"
    ? new GraphError(403, "AccessDenied", "Required scopes are missing in the token.")
    : new GraphError(
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
      );
}

function written(aim: Aim): Written {
  const { resource, action, call, collection, spec, body } = aim;
  if (action === "createInstance") return createInstance(aim);
  const single = collection.singleIn?.includes(call.graphPath.version) ?? false;
  if (resource.id === undefined && !single) {
    if (call.method !== "POST" || action !== undefined) throw notAllowed();
    return create(aim);
  }
  const store = call.tenant.store.collection(collection);
  const [first] = single ? store.indexes() : [];
  const index = single ? first : store.find(resource.id ?? "");
  if (index === undefined || store.isGone(index))
    throw new GraphError(404, "ResourceNotFound", `Resource '${resource.id}' does not exist.`);
  const live = store.whole(index);
  checkPlatformRestriction(typeName(live));
  const save = (object: GraphObject): Written => {
    const touched = { ...object, ...moved(typeName(live) || (collection.types[0] ?? "")) };
    call.tenant.store.put(baseOf(collection), touched);
    call.tenant.auditTrail.note("update", baseOf(collection).path, touched);
    return spec.silent
      ? { status: 204, body: undefined }
      : { status: 200, body: rootOf(collection, touched) };
  };
  if (aim.method !== undefined) return save(withMethod(aim, live, aim.method));
  if (resource.steps.length > 0 && action === undefined) return save(child(aim, live));
  if (action !== undefined) {
    if (call.method !== (action === "$ref" ? refMethod(aim) : "POST")) throw notAllowed();
    return save(actionOn(aim, live, action));
  }
  if (!spec.update.some((method) => method === call.method)) throw notAllowed();
  checkBody({
    body,
    declared: resource.cast ?? collection.types[0] ?? "",
    spec,
    live,
    method: call.method,
    polymorphic: false,
  });
  checkBuiltIn(live);
  const next = call.method === "PUT" ? replaced(aim, live) : merged(live, body);
  checkWhole(aim, next, body);
  return save(next);
}

/** Platform restrictions take no application: Microsoft365DSC#5127, #5530, #7189; IntuneCD#191; IntuneManagement#259. */
function checkPlatformRestriction(type: string): void {
  if (!/^deviceEnrollmentPlatformRestrictions?Configuration$/.test(type)) return;
  throw new GraphError(
    403,
    "Forbidden",
    "Only a Global Administrator or an Intune Service Administrator may change enrollment restrictions.",
  );
}

/** Roles, tags and strengths of Microsoft's own. */
function checkBuiltIn(live: GraphObject): void {
  if (live.isBuiltIn === true || live.policyType === "builtIn" || live.isGlobalScript === true)
    throw refuse("What Microsoft provides cannot be changed.");
}

function create(aim: Aim): Written {
  const { collection, spec, body, call } = aim;
  if (!spec.create) throw notAllowed();
  const base = baseOf(collection);
  const declared = collection.types[0] ?? "";
  const type = checkBody({
    body,
    declared,
    spec,
    live: undefined,
    method: "POST",
    polymorphic: ABSTRACT.has(declared),
  });
  checkPlatformRestriction(type);
  const store = call.tenant.store.collection(collection);
  const id = spec.create.numberedIds
    ? String(1 + Math.max(0, ...[...store.indexes()].map((index) => Number(store.idAt(index)))))
    : `${spec.create.idPrefix?.[type] ?? ""}${newId()}${spec.create.idSuffix?.[type] ?? ""}`;
  const made: GraphObject = {
    ...defaultsOf(spec, type),
    ...body,
    "@odata.type": `#microsoft.graph.${type}`,
    id,
    ...born(type),
    ...moved(type),
  };
  const whole = call.tenant.publishing.begun(collection.path, completed(aim, made));
  checkWhole(aim, whole, body);
  put(aim, base, whole);
  call.tenant.auditTrail.note("create", base.path, whole);
  return { status: 201, body: rootOf(collection, whole) };
}

function put({ call }: Aim, base: CollectionSpec, object: GraphObject): void {
  const { store, hiddenMs } = call.tenant;
  store.put(base, object);
  // Tools wait for seconds until a policy takes a new named location, and for minutes for a compliance script.
  if (hiddenMs > 0) store.collection(base).hideUntil(String(object.id), Date.now() + hiddenMs);
}

function defaultsOf({ create: making }: WriteSpec, type: string): GraphObject {
  const sets = Object.entries(making?.sets ?? {}).filter(([name]) => knows(type, name));
  return {
    ...Object.fromEntries(
      sets.map(([name, value]) => [name, Array.isArray(value) ? [...value] : (value as Json)]),
    ),
    ...(knows(type, "roleScopeTagIds") && { roleScopeTagIds: ["0"] }),
  };
}

const now = () => new Date().toISOString().replace("Z", "0000Z");

/** Dates that Graph gives a new object. */
function born(type: string): GraphObject {
  return knows(type, "createdDateTime") ? { createdDateTime: now() } : {};
}

/** Dates that each write moves. */
function moved(type: string): GraphObject {
  return Object.fromEntries(
    ["lastModifiedDateTime", "modifiedDateTime"].flatMap((name) =>
      knows(type, name) ? [[name, now()]] : [],
    ),
  );
}

/** What a new object has beside what was sent: children, ids of its parts, what is shown twice. */
function completed(aim: Aim, made: GraphObject): GraphObject {
  const { call, spec, collection } = aim;
  const { tenant } = call;
  const id = String(made.id);
  const whole = { ...made };
  switch (collection.path) {
    case "deviceManagement/configurationPolicies":
    case "deviceManagement/compliancePolicies": {
      checkOffered(aim, made.settings, []);
      const templateId = templateIdOf(made);
      const settings = catalogSettings(call, undefined, made.settings, templateId);
      whole.settings = settings;
      whole.settingCount = settings.length;
      whole.templateReference = templateReference(aim, made);
      checkRequired(aim, whole, settings);
      if (collection.path.endsWith("compliancePolicies")) delete whole.templateReference;
      break;
    }
    case "deviceManagement/deviceCompliancePolicies":
      whole.scheduledActionsForRule = scheduledActions(tenant, id, made.scheduledActionsForRule);
      break;
    case "deviceAppManagement/policySets":
      whole.items = policySetItems(tenant, made.items);
      whole.assignments = assignmentsFrom(tenant, spec, made, made.assignments ?? [], elementOf(aim));
      break;
    case "deviceManagement/roleDefinitions":
      whole.rolePermissions = objectsOf(made.rolePermissions).map(withActions);
      whole.permissions = whole.rolePermissions;
      break;
    case "deviceManagement/roleAssignments":
      return roleAssignment(aim, made);
    case "deviceManagement/windowsAutopilotDeploymentProfiles":
      // The older names show the same.
      if (made.locale !== undefined) whole.language = made.locale;
      break;
    case "deviceManagement/deviceEnrollmentConfigurations":
      whole.priority = 1 + tenant.store.collection(collection).count();
      whole.deviceEnrollmentConfigurationType = enrollmentKind(id);
      if (typeName(made) === "deviceEnrollmentNotificationConfiguration") {
        whole.notificationTemplates = (
          Array.isArray(made.notificationTemplates) ? made.notificationTemplates : []
        ).map((one) => String(one).replace(/_.*$/, `_${newId()}`));
        whole.notificationMessageTemplateId = newId();
      }
      break;
    default:
  }
  return whole;
}

function enrollmentKind(id: string): string {
  const suffix = id.replace(/^[^_]*_/, "");
  return suffix.charAt(0).toLowerCase() + suffix.slice(1);
}

function withActions(permission: GraphObject): GraphObject {
  if ("actions" in permission) throw refuse("The property actions is read-only: send resourceActions.");
  const actions = objectsOf(permission.resourceActions).flatMap(({ allowedResourceActions: allowed }) =>
    Array.isArray(allowed) ? allowed : [],
  );
  return { actions, ...permission };
}

function templateIdOf({ templateReference: reference }: GraphObject): string {
  return isObject(reference) ? String(reference.templateId ?? "") : "";
}

function templateReference({ call }: Aim, { templateReference: sent }: GraphObject): GraphObject {
  const id = templateIdOf({ templateReference: sent ?? null });
  const known = call.content.template(id);
  // Microsoft retires templates: no new policy of one that is not offered.
  if ((!known || call.tenant.retired.has(id)) && id !== "")
    throw refuse(`The template ${id} is not offered.`);
  return (
    known ?? {
      templateId: "",
      templateFamily: "none",
      templateDisplayName: null,
      templateDisplayVersion: null,
    }
  );
}

/**
 * A template says which settings a policy must have: learn.microsoft.com, deviceManagementConfigurationSettingInstanceTemplate,
 * `isRequired`. Only that of enrollment is held to it, by POST and by PUT: CIPP, Select-CIPPIntuneAvailableSetting.
 */
function checkRequired({ call }: Aim, policy: GraphObject, settings: readonly GraphObject[]): void {
  const { templateReference: reference, technologies } = policy;
  const family = isObject(reference) ? String(reference.templateFamily) : "";
  if (!/^enrollment/i.test(family) && !/enrollment/i.test(String(technologies))) return;
  const templateId = templateIdOf(policy);
  const has = new Set(
    settings.map(({ settingInstance }) =>
      isObject(settingInstance) ? String(settingInstance.settingDefinitionId).toLowerCase() : "",
    ),
  );
  for (const id of call.tenant.required.get(templateId) ?? [])
    if (!has.has(id.toLowerCase())) throw refuse(`The template ${templateId} requires the setting ${id}.`);
}

/** Of a template each tenant is offered other settings: CIPP asks for them before it writes, and leaves out the rest. */
function checkOffered({ call }: Aim, sent: Json | undefined, live: Json | undefined): void {
  const idOf = ({ settingInstance }: GraphObject) =>
    isObject(settingInstance) ? String(settingInstance.settingDefinitionId) : "";
  const held = new Set(objectsOf(live).map(idOf));
  const refused = objectsOf(sent)
    .map(idOf)
    .find((id) => call.tenant.withheld.has(id) && !held.has(id));
  if (refused !== undefined) throw refuse(`The setting ${refused} is not offered.`);
}

/** An assignment of a role: also shown below the role. */
function roleAssignment({ call, body }: Aim, made: GraphObject): GraphObject {
  const bind = body["roleDefinition@odata.bind"];
  const roleId = typeof bind === "string" ? (/\('([^']+)'\)$/.exec(bind)?.[1] ?? "") : "";
  const role = objectIn(call.tenant, "deviceManagement/roleDefinitions", roleId);
  if (!role) throw refuse("roleDefinition@odata.bind names no role.");
  const tags = bindList(body["roleScopeTags@odata.bind"]).map((id) => {
    const tag = objectIn(call.tenant, "deviceManagement/roleScopeTags", id);
    if (!tag) throw refuse(`There is no scope tag ${id}.`);
    const { assignments: _, ...shown } = tag;
    return shown;
  });
  for (const name of ["members", "scopeMembers", "resourceScopes"])
    for (const id of texts(body[name]))
      if (!exists(call.tenant, "groups", id)) throw refuse(`Invalid GroupId: ${id}.`);
  const { roleAssignments: _, ...definition } = role;
  const element: GraphObject = Object.fromEntries(
    Object.entries({ ...made, roleScopeTags: tags, roleDefinition: definition }).filter(
      ([name]) => !name.endsWith("@odata.bind"),
    ),
  );
  call.tenant.store.put(baseOf(collectionOf(call, "deviceManagement/roleDefinitions")), {
    ...role,
    roleAssignments: [...objectsOf(role.roleAssignments), element],
  });
  return element;
}

function collectionOf({ tenant }: WriteCall, path: string): CollectionSpec {
  const store = tenant.store.collections().find(({ spec }) => spec.path === path);
  if (!store) throw new Error(`The sandbox has no collection ${path}.`);
  return store.spec;
}

const texts = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
const bindList = (value: Json | undefined): string[] =>
  texts(value).map((link) => /\('([^']+)'\)$/.exec(link)?.[1] ?? "");

/** POST to `templates/{id}/createInstance`. */
function createInstance(aim: Aim): Written {
  const { call, body, template = "" } = aim;
  if (call.method !== "POST") throw notAllowed();
  const model = call.content.intentOf(template);
  if (!model || call.tenant.retired.has(template)) throw refuse(`The template ${template} is not offered.`);
  for (const name of Object.keys(body))
    if (!["displayName", "description", "settingsDelta", "roleScopeTagIds"].includes(name))
      throw refuse(`The parameter ${name} is not known.`);
  const renewed = (setting: GraphObject): GraphObject => ({ ...setting, id: newId() });
  const settings = new Map(objectsOf(model.settings).map((one) => [String(one.definitionId), renewed(one)]));
  const intent: GraphObject = {
    "@odata.type": "#microsoft.graph.deviceManagementIntent",
    id: newId(),
    displayName: body.displayName ?? null,
    description: body.description ?? null,
    isAssigned: false,
    isMigratingToConfigurationPolicy: null,
    lastModifiedDateTime: now(),
    templateId: template,
    roleScopeTagIds: body.roleScopeTagIds ?? ["0"],
    assignments: [],
    settings: [...settings.values()],
    categories: objectsOf(model.categories).map((category) => ({
      ...category,
      settings: objectsOf(category.settings).map(
        (one) => settings.get(String(one.definitionId)) ?? renewed(one),
      ),
    })),
  };
  const sent = objectsOf(body.settingsDelta);
  const whole = withOnboardingFiles(call.tenant, null, withIntentSettings(intent, sent), sent);
  put(aim, baseOf(aim.collection), whole);
  call.tenant.auditTrail.note("create", aim.collection.path, whole);
  return { status: 201, body: rootOf(aim.collection, whole) };
}

function elementOf(
  { collection, resource }: Aim,
  type = resource.cast ?? collection.types[0] ?? "",
): string | undefined {
  return schemas.beta.propertiesOf(type).get("assignments")?.type;
}

/** PATCH merges, at every depth of complex values; lists are replaced. */
function merged(live: GraphObject, body: GraphObject): GraphObject {
  const next = { ...live };
  for (const [name, value] of Object.entries(body)) {
    const there = live[name];
    next[name] = isObject(value) && isObject(there) ? merged(there, value) : value;
  }
  return next;
}

/** PUT replaces what can be sent; the rest stays Graph's. */
function replaced(aim: Aim, live: GraphObject): GraphObject {
  const { body, spec, collection } = aim;
  const kept = Object.entries(live).filter(
    ([name]) =>
      ["id", "@odata.type", "createdDateTime", "version"].includes(name) ||
      spec.readOnly?.includes(name) ||
      spec.fixed?.includes(name) ||
      (Object.hasOwn(collection.navigations, name) && name !== "settings") ||
      name === "referencingConfigurationPolicyCount",
  );
  const next: GraphObject = { ...body, ...Object.fromEntries(kept) };
  if (!Object.hasOwn(collection.navigations, "settings")) return next;
  checkOffered(aim, body.settings, live.settings);
  // Without settings in the body a policy loses all of them.
  const templateId = templateIdOf(live);
  const settings = catalogSettings(aim.call, live, body.settings, templateId);
  checkRequired(aim, live, settings);
  return { ...next, settings, settingCount: settings.length };
}

/** What no single property decides. */
function checkWhole({ collection, call, body }: Aim, next: GraphObject, sent: GraphObject): void {
  if (collection.path === "identity/conditionalAccess/policies") checkConditionalAccess(call.tenant, next);
  if (collection.path === "policies/identitySecurityDefaultsEnforcementPolicy")
    checkSecurityDefaults(call.tenant, body);
  if (collection.path === "deviceManagement/deviceConfigurations") checkOmaSettings(sent);
  for (const name of ["roleScopeTagIds", "roleScopeTags"]) {
    if (collection.path === "deviceManagement/roleAssignments") continue;
    for (const id of texts(sent[name]))
      if (!exists(call.tenant, "deviceManagement/roleScopeTags", id))
        throw refuse(`There is no scope tag ${id}.`);
  }
  const selected = texts(sent.selectedMobileAppIds).concat(texts(sent.targetedMobileApps));
  for (const id of selected)
    if (!exists(call.tenant, "deviceAppManagement/mobileApps", id)) throw refuse(`There is no app ${id}.`);
}

function refMethod({ resource }: Aim): string {
  return resource.steps.at(-1)?.spec.single ? "PUT" : "POST";
}

function actionOn(aim: Aim, live: GraphObject, action: string): GraphObject {
  const { call, spec, body, resource, collection } = aim;
  const { tenant, content } = call;
  const assigned = (value: Json | undefined) =>
    assignmentsFrom(tenant, spec, live, value, elementOf(aim, typeName(live) || collection.types[0]));
  const here = { tenant, content, object: live, body };
  if (action === "assign") {
    if (!spec.assign) throw refuse("Resource not found for the segment 'assign'.");
    if (spec.assign.cast !== undefined && resource.cast !== spec.assign.cast)
      throw refuse("Resource not found for the segment 'assign'.");
    // andrew-s-taylor/public#20 and Micke-K/IntuneManagement#323 show the words.
    if (collection.path === "deviceAppManagement/mobileApps" && live.publishingState !== "published")
      throw refuse("Invalid operation: app's PublishingState is not 'Published'.");
    // The list replaces the one that is there: an empty one unassigns everybody.
    const assignments = assigned(body[spec.assign.key]);
    return {
      ...live,
      assignments,
      ...(knows(typeName(live), "isAssigned") && { isAssigned: assignments.length > 0 }),
    };
  }
  if (!spec.actions?.includes(action)) throw refuse(`Resource not found for the segment '${action}'.`);
  if (action === "$ref") {
    const step = resource.steps.at(-1);
    if (!step) throw refuse("A link needs its property.");
    return withLink(here, step.name, step.spec.single ?? false);
  }
  return acted(action, here, assigned);
}

/** A child that is made below the object, or changed there. */
function child(aim: Aim, live: GraphObject): GraphObject {
  const { resource, call, spec, body } = aim;
  const [step, ...deeper] = resource.steps;
  if (!step || deeper.length > 0 || !spec.children?.includes(step.name)) throw notAllowed();
  const here = objectsOf(live[step.name]);
  if (step.id === undefined) {
    if (call.method !== "POST") throw notAllowed();
    if (step.name === "assignments") {
      const [made] = assignmentsFrom(call.tenant, spec, live, [body], elementOf(aim, typeName(live)));
      return { ...live, assignments: [...here, ...(made ? [made] : [])] };
    }
    if ("id" in body) throw refuse("The property id is read-only.");
    const id = typeof body.locale === "string" ? `${String(live.id)}_${body.locale}` : newId();
    if (here.some((one) => one.id === id)) throw refuse("There is one already.");
    const isDefault =
      body.isDefault === true || (step.name === "localizedNotificationMessages" && here.length === 0);
    const first: GraphObject =
      isDefault && typeof body.locale === "string" ? { defaultLocale: body.locale } : {};
    return { ...live, ...first, [step.name]: [...here, { ...body, id }] };
  }
  const there = here.find((one) => one.id === step.id);
  if (!there) throw new GraphError(404, "ResourceNotFound", `Resource '${step.id}' does not exist.`);
  if (call.method !== "PATCH") throw notAllowed();
  for (const name of ["id", "locale", "lastModifiedDateTime"])
    if (name in body) throw refuse(`The property ${name} cannot be updated by PATCH.`);
  return { ...live, [step.name]: here.map((one) => (one.id === step.id ? merged(one, body) : one)) };
}

/** PATCH of one method of authentication. */
function withMethod({ call, body }: Aim, live: GraphObject, id: string): GraphObject {
  if (call.method !== "PATCH") throw notAllowed();
  const methods = objectsOf(live.authenticationMethodConfigurations);
  const there = methods.find((one) => one.id === id);
  if (!there) throw new GraphError(404, "ResourceNotFound", `Resource '${id}' does not exist.`);
  if (body["@odata.type"] !== there["@odata.type"])
    throw refuse("The @odata.type of the method must be sent.");
  if ("id" in body) throw refuse("The property id is read-only.");
  return {
    ...live,
    authenticationMethodConfigurations: methods.map((one) => (one === there ? merged(one, body) : one)),
  };
}

/** The object's own properties: what a request that writes is answered with. */
function rootOf({ navigations, path }: CollectionSpec, object: GraphObject): GraphObject {
  return {
    "@odata.context": `$metadata#${path}/$entity`,
    ...Object.fromEntries(Object.entries(object).filter(([name]) => !Object.hasOwn(navigations, name))),
  };
}
