import type { PartKind, PartRule, Stage, WriteRule } from "#lib/policies/write/write-rule";
import { comparableRoleAssignment, membershipTargets, sendableChild } from "./content.ts";
import { type Document, documentsOf, isDocument, join, same, typeOf, without } from "./document.ts";
import { filesThatStay, isFileFetched, isOfOnboardingFile, isOnboardingFile } from "./onboarding-files.ts";
import type { Stays, WriteRequest } from "./plan.ts";

/** What the builder of a part knows. */
export interface PartContext {
  rule: WriteRule;
  part: PartRule;
  /** As it shall be, with the references of the tenant. */
  wanted: Document;
  /** As it is, whole; null: it is made by the same restore. */
  live: Document | null;
  /** The object's path; ends in `{id}` where it is made. */
  object: string;
  version: "v1.0" | "beta";
  graphUrl: string;
}

interface PartPlan {
  requests: WriteRequest[];
  stays: Stays[];
}

type Builder = (context: PartContext) => PartPlan;

function request(context: PartContext, body: Document, change: Partial<WriteRequest> = {}): WriteRequest {
  const { part, object, version, rule } = context;
  const path = join(object, part.path);
  return { method: part.method, version, path, body, stage: rule.stage, creates: false, ...change };
}

/** A part that one request writes whole. */
function whole(body: (context: PartContext) => Document | null, change: Partial<WriteRequest> = {}): Builder {
  return (context) => {
    const made = body(context);
    return { requests: made === null ? [] : [request(context, made, change)], stays: [] };
  };
}

const scheduled = (value: unknown): Document[] =>
  documentsOf(value).map((rule) => ({
    // Microsoft's own portal calls it so; Graph returns null.
    ruleName: typeof rule.ruleName === "string" ? rule.ruleName : "PasswordRequired",
    scheduledActionConfigurations: sendableChild(rule.scheduledActionConfigurations),
  }));

/** Scheduled actions as a create request carries them. */
export function createdActions(value: unknown): Document[] {
  return scheduled(value);
}

function linkTo(context: PartContext, path: string, id: unknown): string {
  return `${context.graphUrl}/${context.version}/${path}('${String(id)}')`;
}

const definitionValues: Builder = (context) => {
  const { wanted, live } = context;
  const deletedIds = documentsOf(live?.definitionValues).map(({ id }) => id);
  const added = documentsOf(wanted.definitionValues).map((value) => {
    const id = isDocument(value.definition) ? value.definition.id : "";
    const definition = linkTo(context, "deviceManagement/groupPolicyDefinitions", id);
    return {
      enabled: value.enabled,
      configurationType: value.configurationType,
      "definition@odata.bind": definition,
      presentationValues: documentsOf(value.presentationValues).map((one) => {
        const presentation = isDocument(one.presentation) ? one.presentation.id : "";
        return {
          ...(sendableChild(without(one, ["presentation"])) as Document),
          "presentation@odata.bind": `${definition}/presentations('${String(presentation)}')`,
        };
      }),
    };
  });
  if (added.length === 0 && deletedIds.length === 0) return { requests: [], stays: [] };
  const adds = added.length > 0 ? { adds: true as const } : {};
  return { requests: [request(context, { added, updated: [], deletedIds }, adds)], stays: [] };
};

/** Settings of an intent as its actions take them. */
export function intentSettings(wanted: Document): Document[] {
  const settings = documentsOf(wanted.settings);
  const taken = isFileFetched(wanted) ? settings.filter((one) => !isOfOnboardingFile(one)) : settings;
  return taken.map((setting) => ({
    "@odata.type": setting["@odata.type"],
    definitionId: setting.definitionId,
    valueJson: setting.valueJson,
  }));
}

const updateSettings: Builder = (context) => {
  const there = new Map(
    documentsOf(context.live?.settings).map((setting) => [setting.definitionId, setting]),
  );
  const wanted = intentSettings(context.wanted);
  const settings = wanted.flatMap((setting) => {
    const live = there.get(setting.definitionId);
    // Graph may leave the file's setting out of what it shows; what a person gave is sent all the same.
    if (!live) return isOnboardingFile(setting) && setting.valueJson !== "null" ? [setting] : [];
    return live.valueJson !== setting.valueJson ? [{ ...setting, id: live.id }] : [];
  });
  const known = new Set(documentsOf(context.wanted.settings).map(({ definitionId }) => definitionId));
  const stays = [...there.keys()].flatMap((definitionId) =>
    known.has(definitionId) ? [] : [{ path: "settings", what: String(definitionId) }],
  );
  const files = filesThatStay(context.wanted, context.live).map((what) => ({ path: "settings", what }));
  return {
    requests: settings.length > 0 ? [request(context, { settings })] : [],
    stays: [...stays, ...files],
  };
};

/** Children that are made and changed one by one; those that the backup lacks stay. */
function oneByOne(options: {
  of: string;
  identity: (element: Document) => unknown;
  /** Not taken when one is changed. */
  fixed: readonly string[];
  first?: (element: Document) => boolean;
}): Builder {
  return (context) => {
    const { wanted, live, part, object } = context;
    const there = documentsOf(live?.[options.of]);
    const list = documentsOf(wanted[options.of]);
    const ordered = options.first
      ? [...list.filter(options.first), ...list.filter((one) => !options.first?.(one))]
      : list;
    const requests = ordered.flatMap((element): WriteRequest[] => {
      const body = sendableChild(element) as Document;
      const old = there.find((one) => options.identity(one) === options.identity(element));
      if (!old) return [request(context, body, { method: "POST", adds: true })];
      if (same(sendableChild(old), body)) return [];
      const path = `${join(object, part.path)}/${String(old.id)}`;
      return [request(context, without(body, options.fixed), { method: "PATCH", path })];
    });
    const identities = new Set(list.map(options.identity));
    const stays = there.flatMap((one) =>
      identities.has(options.identity(one))
        ? []
        : [{ path: options.of, what: String(options.identity(one)) }],
    );
    return { requests, stays };
  };
}

const methods: Builder = (context) => {
  const there = documentsOf(context.live?.authenticationMethodConfigurations);
  const requests = documentsOf(context.wanted.authenticationMethodConfigurations).flatMap((method) => {
    const old = there.find(({ id }) => id === method.id);
    if (!old || same(old, method)) return [];
    const path = `${join(context.object, context.part.path)}/${String(method.id)}`;
    return [request(context, without(method, ["id"]), { path })];
  });
  return { requests, stays: [] };
};

const links: Builder = (context) => {
  const { wanted, live, part, object } = context;
  const name = part.of;
  const idsOf = (document: Document | null) => {
    const value = document?.[name];
    return (isDocument(value) ? [value] : documentsOf(value)).map(({ id }) => id);
  };
  const there = idsOf(live);
  const cast = part.path.startsWith("microsoft.graph.") ? "" : `microsoft.graph.${typeOf(wanted)}/`;
  const requests = idsOf(wanted)
    .filter((id) => !there.includes(id))
    .map((id) =>
      request(
        context,
        { "@odata.id": linkTo(context, "deviceManagement/deviceConfigurations", id) },
        {
          path: join(object, `${cast}${part.path}`),
          stage: "link",
          ...(part.method === "POST" && { adds: true }),
        },
      ),
    );
  const kept = idsOf(wanted);
  const stays =
    part.method === "PUT" && kept.length > 0
      ? []
      : there.filter((id) => !kept.includes(id)).map((id) => ({ path: name, what: String(id) }));
  return { requests, stays };
};

const roleAssignments: Builder = (context) => {
  const { wanted, live, version, graphUrl, object } = context;
  const stage: Stage = "roleAssignment";
  const there = documentsOf(live?.roleAssignments);
  const list = documentsOf(wanted.roleAssignments);
  const identity = (one: Document) => one.displayName;
  const roleId = object.split("/").at(-1) ?? "";
  const requests = list.flatMap((assignment): WriteRequest[] => {
    const old =
      there.find((one) => one.id === assignment.id) ??
      there.find((one) => identity(one) === identity(assignment));
    const { roleScopeTags, ...content } = comparableRoleAssignment(assignment);
    if (old && same(comparableRoleAssignment(old), { ...content, roleScopeTags })) return [];
    const body = Object.fromEntries(Object.entries(content).filter(([, value]) => value !== undefined));
    const path = "deviceManagement/roleAssignments";
    const common = { version, stage, creates: false } as const;
    if (old) return [{ ...common, method: "PATCH", path: `${path}/${String(old.id)}`, body }];
    const tags = documentsOf(assignment.roleScopeTags).map(
      ({ id }) => `${graphUrl}/${version}/deviceManagement/roleScopeTags('${String(id)}')`,
    );
    const role = `${graphUrl}/${version}/deviceManagement/roleDefinitions('${roleId}')`;
    return [
      {
        ...common,
        adds: true,
        method: "POST",
        path,
        body: { ...body, "roleDefinition@odata.bind": role, "roleScopeTags@odata.bind": tags },
      },
    ];
  });
  const stays = there
    .filter((one) => !list.some((other) => other.id === one.id || identity(other) === identity(one)))
    .map((one) => ({ path: "roleAssignments", what: String(identity(one)) }));
  return { requests, stays };
};

const builders: Readonly<Record<PartKind, Builder>> = {
  authenticationMethodConfigurations: methods,
  changeSettings: whole(({ wanted }) =>
    Array.isArray(wanted.settings) ? { settings: sendableChild(wanted.settings) } : null,
  ),
  combinationConfigurations: oneByOne({
    of: "combinationConfigurations",
    identity: (one) => `${typeOf(one)} ${JSON.stringify(one.appliesToCombinations)}`,
    fixed: [],
  }),
  enrollmentTimeDeviceMembershipTarget: whole(({ wanted, part }) => {
    const targets = membershipTargets(wanted[part.of]);
    if (targets.length === 0) return null;
    return {
      enrollmentTimeDeviceMembershipTargets: targets.map((targetId) => ({
        targetType: "staticSecurityGroup",
        targetId,
      })),
    };
  }),
  links,
  localizedNotificationMessages: oneByOne({
    of: "localizedNotificationMessages",
    identity: (one) => one.locale,
    fixed: ["locale"],
    first: (one) => one.isDefault === true,
  }),
  roleAssignments,
  scheduleActionsForRules: whole(({ wanted }) => ({
    deviceComplianceScheduledActionForRules: scheduled(wanted.scheduledActionsForRule),
  })),
  setPriority: (context) => {
    const { wanted, live } = context;
    const isDefault = live?.priority === 0;
    // The default's priority is 0 for good.
    if (typeof wanted.priority !== "number" || wanted.priority === 0 || isDefault)
      return { requests: [], stays: [] };
    return { requests: [request(context, { priority: wanted.priority }, { stage: "priority" })], stays: [] };
  },
  setScheduledActions: whole(({ wanted }) => ({
    scheduledActions: scheduled(wanted.scheduledActionsForRule),
  })),
  targetApps: whole(({ wanted }) =>
    Array.isArray(wanted.apps)
      ? {
          apps: documentsOf(wanted.apps).map(({ mobileAppIdentifier }) => ({ mobileAppIdentifier })),
          ...(typeof wanted.appGroupType === "string" && { appGroupType: wanted.appGroupType }),
        }
      : null,
  ),
  updateAllowedCombinations: whole(({ wanted }) => ({ allowedCombinations: wanted.allowedCombinations })),
  updateDefinitionValues: definitionValues,
  updatePolicySet: whole(
    ({ wanted, live, rule }) => ({
      addedPolicySetItems: policySetItems(wanted, rule),
      updatedPolicySetItems: [],
      deletedPolicySetItems: documentsOf(live?.items).map(({ id }) => id),
    }),
    { adds: true },
  ),
  updateSettings,
  windowsPrivacyAccessControls: whole(({ wanted }) => ({
    windowsPrivacyAccessControls: sendableChild(wanted.privacyAccessControls),
  })),
};

function policySetItems(wanted: Document, rule: WriteRule): unknown {
  return sendableChild(without({ items: wanted.items }, rule.strip).items);
}

/** The requests that write a part of a document, and what of it stays although the backup lacks it. */
export function planPart(context: PartContext): PartPlan {
  return builders[context.part.kind](context);
}
