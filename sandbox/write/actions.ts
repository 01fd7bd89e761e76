import { type GraphObject, isObject, type Json, objectsOf, typeName } from "../json.ts";
import { schemas } from "../schema.ts";
import type { TenantState } from "../tenant.ts";
import { refuse } from "./check-body.ts";
import { withOnboardingFiles } from "./onboarding-files.ts";
import { misspelling, shownInSmall } from "./setting-spelling.ts";
import { exists, type MicrosoftContent, newId, objectIn } from "./tenant-objects.ts";

/** An action on an object: what it is called with. */
export interface ActionCall {
  tenant: TenantState;
  content: MicrosoftContent;
  object: GraphObject;
  body: GraphObject;
}

type Action = (call: ActionCall) => GraphObject;

/** The id at the end of a link: `…/things('id')` or `…/things/id`. */
function idOf(link: Json | undefined): string | undefined {
  if (typeof link !== "string") return undefined;
  return /\('([^']+)'\)$/.exec(link)?.[1] ?? /\/([^/]+)$/.exec(link)?.[1];
}

/** The id that `name@odata.bind` names. */
function bound(object: GraphObject, name: string): string {
  const id = idOf(object[`${name}@odata.bind`]);
  // microsoftgraph/microsoft-graph-docs#17868: only a bind works.
  if (id === undefined) throw refuse(`${name}@odata.bind is required.`);
  return id;
}

/** Scheduled actions as compliance policies hold them. */
export function scheduledActions(
  tenant: TenantState,
  policyId: string,
  value: Json | undefined,
): GraphObject[] {
  const rules = objectsOf(value);
  const all = rules.flatMap((rule) => objectsOf(rule.scheduledActionConfigurations));
  if (all.filter(({ actionType }) => actionType === "block").length !== 1)
    throw refuse("Scheduled actions need exactly one action of type block.");
  for (const { notificationTemplateId } of all) {
    const id = String(notificationTemplateId ?? "");
    if (id === "" || /^0{8}-/.test(id)) continue;
    if (!exists(tenant, "deviceManagement/notificationMessageTemplates", id))
      throw refuse(`Invalid notification template: ${id}.`);
  }
  return rules.map((rule) => ({
    id: policyId,
    // Whatever it was sent as, it comes back as null.
    ruleName: null,
    scheduledActionConfigurations: objectsOf(rule.scheduledActionConfigurations).map((one) => {
      if ("id" in one) throw refuse("The id of a scheduled action is read-only.");
      return { id: newId(), ...one };
    }),
  }));
}

/**
 * Settings of the catalog as a policy holds them.
 * @param live the policy that holds others; undefined: it is made
 */
export function catalogSettings(
  { tenant, content }: Pick<ActionCall, "tenant" | "content">,
  live: GraphObject | undefined,
  value: Json | undefined,
  templateId = "",
): GraphObject[] {
  const held = JSON.stringify(live?.settings ?? []);
  const own = (id: string) => tenant.spelled.get(id.toLowerCase());
  const wrong = misspelling(objectsOf(value), templateId, (id) => own(id) ?? content.spelling(id));
  if (wrong !== null) throw refuse(wrong);
  return objectsOf(value).map((setting, at) => {
    if ("id" in setting) throw refuse("The id of a setting is read-only.");
    checkSettingValues(setting.settingInstance ?? null, held);
    const shown = shownInSmall(setting, (id) => own(id) !== undefined);
    return { id: String(at), ...(isObject(shown) && shown) };
  });
}

/** Children must be a list, and an encrypted value is one that the policy itself holds. */
function checkSettingValues(value: Json, held: string): void {
  if (Array.isArray(value)) {
    for (const one of value) checkSettingValues(one, held);
    return;
  }
  if (!isObject(value)) return;
  if ("children" in value && !Array.isArray(value.children)) throw refuse("children must be a list.");
  if (value.valueState === "encryptedValueToken" && !held.includes(JSON.stringify(value.value)))
    throw refuse("The encrypted value is not known: send it as notEncrypted.");
  for (const inner of Object.values(value)) checkSettingValues(inner, held);
}

/** @throws GraphError 400 for masked values; microsoftgraph/powershell-intune-samples#179, IntuneBackupAndRestore#39 */
export function checkOmaSettings(body: GraphObject): void {
  for (const { value, omaUri } of objectsOf(body.omaSettings))
    if (value === "****") throw refuse(`SecretReferenceValueId invalid: ${String(omaUri)}.`);
}

const apps: Action = ({ object, body }) => {
  if (!Array.isArray(body.apps)) throw refuse("apps is required.");
  const made = objectsOf(body.apps).map((app) => {
    if ("id" in app || "version" in app) throw refuse("The id and version of an app are read-only.");
    const identifier = isObject(app.mobileAppIdentifier) ? app.mobileAppIdentifier : {};
    const [name = newId()] = Object.entries(identifier).flatMap(([key, value]) =>
      key === "@odata.type" ? [] : [String(value)],
    );
    return { id: `${name}.${typeName(identifier)}`, version: newId(), ...app };
  });
  const group: GraphObject = typeof body.appGroupType === "string" ? { appGroupType: body.appGroupType } : {};
  return { ...object, ...group, apps: made };
};

/** A setting that the tenant has from an imported ADMX file, or that Microsoft offers to all. */
function definitionOf(
  { tenant, content }: ActionCall,
  id: string,
): { definition: GraphObject; presentation: (id: string) => GraphObject | undefined } {
  const uploaded = tenant.uploaded.find((one) => one.id === id);
  if (uploaded) {
    const { presentations, ...definition } = uploaded;
    const own = objectsOf(presentations);
    return { definition, presentation: (wanted) => own.find((one) => one.id === wanted) };
  }
  const definition = content.definition(id);
  if (!definition) throw refuse("There is no such definition.");
  return { definition, presentation: (wanted) => content.presentation(wanted) };
}

const definitionValues: Action = (call) => {
  const { object, body } = call;
  const deleted = Array.isArray(body.deletedIds) ? body.deletedIds.map(String) : [];
  const here = objectsOf(object.definitionValues);
  for (const id of deleted)
    if (!here.some((value) => value.id === id)) throw refuse(`There is no definition value ${id}.`);
  const added = objectsOf(body.added).map((value) => {
    const { definition, presentation: presentationOf } = definitionOf(call, bound(value, "definition"));
    return {
      id: newId(),
      enabled: value.enabled ?? null,
      configurationType: value.configurationType ?? null,
      definition,
      presentationValues: objectsOf(value.presentationValues).map((one) => {
        const presentation = presentationOf(bound(one, "presentation"));
        if (!presentation) throw refuse("There is no such presentation.");
        const rest = Object.entries(one).filter(([name]) => !name.endsWith("@odata.bind"));
        return { ...Object.fromEntries(rest), id: newId(), presentation };
      }),
    };
  });
  const kept = here.filter(({ id }) => !deleted.includes(String(id)));
  return { ...object, definitionValues: [...kept, ...added] };
};

/** Settings of an intent, which its categories show as well. */
export function withIntentSettings(intent: GraphObject, sent: readonly GraphObject[]): GraphObject {
  const byDefinition = new Map(sent.map((setting) => [String(setting.definitionId), setting]));
  const changed = (setting: GraphObject): GraphObject => {
    const found = byDefinition.get(String(setting.definitionId));
    if (!found) return setting;
    return {
      ...setting,
      valueJson: found.valueJson ?? null,
      value: JSON.parse(String(found.valueJson)) as Json,
    };
  };
  return {
    ...intent,
    settings: objectsOf(intent.settings).map(changed),
    categories: objectsOf(intent.categories).map((category) => ({
      ...category,
      settings: objectsOf(category.settings).map(changed),
    })),
  };
}

const policySetUpdate = (call: ActionCall, assigned: (value: Json) => GraphObject[]): GraphObject => {
  const { object, body, tenant } = call;
  const deleted = Array.isArray(body.deletedPolicySetItems) ? body.deletedPolicySetItems.map(String) : [];
  const kept = objectsOf(object.items).filter(({ id }) => !deleted.includes(String(id)));
  const items = [...kept, ...policySetItems(tenant, body.addedPolicySetItems)];
  const assignments: GraphObject =
    body.assignments === undefined ? {} : { assignments: assigned(body.assignments) };
  return { ...object, items, ...assignments };
};

/** Items of a policy set as it holds them. */
export function policySetItems(tenant: TenantState, value: Json | undefined): GraphObject[] {
  return objectsOf(value).map((item) => {
    if (typeName(item) === "") throw refuse("An item of a policy set needs its @odata.type.");
    for (const name of ["id", "status", "errorCode", "itemType", "displayName"])
      if (name in item) throw refuse(`The property ${name} of an item is read-only.`);
    const payload = objectIn(tenant, "deviceManagement/deviceConfigurations", String(item.payloadId));
    if (!payload) throw refuse(`There is no payload ${String(item.payloadId)}.`);
    return {
      ...item,
      id: newId(),
      itemType: `#microsoft.graph.${typeName(payload)}`,
      displayName: payload.displayName ?? null,
      status: "unknown",
      errorCode: "noError",
    };
  });
}

/** Makes `PUT …/assignedThing/$ref` and `POST …/assignedThings/$ref`: a link to another profile. */
export function withLink(call: ActionCall, name: string, single: boolean): GraphObject {
  const { object, body, tenant } = call;
  const target = objectIn(tenant, "deviceManagement/deviceConfigurations", idOf(body["@odata.id"]) ?? "");
  if (!target) throw refuse("The link leads nowhere.");
  const rest = objectsOf(object[name]).filter((one) => one.id !== target.id);
  return { ...object, [name]: single ? target : [...rest, target] };
}

const simple: Readonly<Record<string, Action>> = {
  targetApps: apps,
  updateDefinitionValues: definitionValues,
  changeSettings: (call) => {
    const { object, body } = call;
    return { ...object, settings: catalogSettings(call, object, body.settings) };
  },
  scheduleActionsForRules: ({ object, body, tenant }) => ({
    ...object,
    scheduledActionsForRule: scheduledActions(
      tenant,
      String(object.id),
      body.deviceComplianceScheduledActionForRules,
    ),
  }),
  setScheduledActions: ({ object, body, tenant }) => ({
    ...object,
    scheduledActionsForRule: scheduledActions(tenant, String(object.id), body.scheduledActions),
  }),
  setPriority: ({ object, body }) => {
    if (typeof body.priority !== "number") throw refuse("priority is required.");
    // The default of each kind has priority 0 for good.
    if (object.priority === 0 || body.priority < 1)
      throw refuse("The priority of the default cannot be set.");
    return { ...object, priority: body.priority };
  },
  updateSettings: ({ object, body, tenant }) => {
    const sent = objectsOf(body.settings);
    for (const setting of sent) {
      const there = objectsOf(object.settings).find(({ id }) => id === setting.id);
      if (!there || there.definitionId !== setting.definitionId)
        throw refuse(`There is no setting ${String(setting.id)}.`);
    }
    return withOnboardingFiles(tenant, object, withIntentSettings(object, sent), sent);
  },
  updateAllowedCombinations: ({ object, body }) => {
    if (object.policyType === "builtIn") throw refuse("A built-in strength cannot be changed.");
    if (!Array.isArray(body.allowedCombinations)) throw refuse("allowedCombinations is required.");
    return { ...object, allowedCombinations: body.allowedCombinations };
  },
  windowsPrivacyAccessControls: ({ object, body }) => ({
    ...object,
    privacyAccessControls: objectsOf(body.windowsPrivacyAccessControls).map((control) => {
      if ("id" in control) throw refuse("The id of an access control is read-only.");
      return { id: newId(), ...control };
    }),
  }),
  setEnrollmentTimeDeviceMembershipTarget: ({ object, body, tenant }) => {
    const targets = objectsOf(body.enrollmentTimeDeviceMembershipTargets);
    for (const { targetId } of targets)
      if (!exists(tenant, "groups", String(targetId))) throw refuse(`Invalid GroupId: ${String(targetId)}.`);
    return {
      ...object,
      retrieveEnrollmentTimeDeviceMembershipTarget: {
        enrollmentTimeDeviceMembershipTargetValidationStatuses: targets.map(({ targetId }) => ({
          targetId: targetId ?? null,
        })),
        validationSucceeded: true,
      },
    };
  },
};

/**
 * The object as an action leaves it.
 * @throws GraphError 400 for a body that does not fit, or an action that the object does not have
 */
export function acted(name: string, call: ActionCall, assigned: (value: Json) => GraphObject[]): GraphObject {
  if (name === "update") return policySetUpdate(call, assigned);
  const action = Object.hasOwn(simple, name) ? simple[name] : undefined;
  if (!action) throw refuse(`Resource not found for the segment '${name}'.`);
  return action(call);
}

/** Whether metadata gives a type a property. */
export function knows(type: string, name: string): boolean {
  return schemas.beta.propertiesOf(type).has(name);
}
