import { goneWord, type NameKind } from "#lib/names/names";
import { type DocumentObject, isDocumentObject, textOf } from "./document.ts";
import { enumValue, propertyName } from "./humanize.ts";
import { namedReference } from "./references.ts";
import type { WordContext } from "./schema.ts";

const states: Readonly<Record<string, string>> = {
  enabled: "The policy is on.",
  disabled: "The policy is off.",
  enabledForReportingButNotEnforced:
    "The policy is in report-only mode: it is evaluated, and enforces nothing.",
};

const controls: ReadonlyMap<string, string> = new Map([
  ["mfa", "multifactor authentication"],
  ["compliantDevice", "a compliant device"],
  ["domainJoinedDevice", "a Microsoft Entra hybrid joined device"],
  ["approvedApplication", "an approved client app"],
  ["compliantApplication", "an app protection policy"],
  ["passwordChange", "a password change"],
  ["riskRemediation", "risk remediation"],
]);

const clientApps: ReadonlyMap<string, string> = new Map([
  ["browser", "browsers"],
  ["mobileAppsAndDesktopClients", "mobile apps and desktop clients"],
  ["exchangeActiveSync", "Exchange ActiveSync clients"],
  ["other", "legacy authentication clients"],
  ["easSupported", "supported Exchange ActiveSync clients"],
]);

const userActions: ReadonlyMap<string, string> = new Map([
  ["urn:user:registersecurityinfo", "register security information"],
  ["urn:user:registerdevice", "register or join devices"],
]);

const deviceStates: ReadonlyMap<string, string> = new Map([
  ["all", "any device"],
  ["compliant", "compliant devices"],
  ["domainjoined", "Microsoft Entra hybrid joined devices"],
]);

const evaluations: Readonly<Record<string, string>> = {
  strictEnforcement: "Continuous access evaluation is enforced strictly.",
  strictLocation: "Continuous access evaluation enforces locations strictly.",
  disabled: "Continuous access evaluation is off.",
};

/** A conditional access policy as sentences: whether it is on, who, what, where, under which conditions, and then. */
export function accessSentences(document: DocumentObject, context: WordContext): string[] {
  const conditions = objectAt(document, "conditions");
  const grant = objectAt(document, "grantControls");
  const session = objectAt(document, "sessionControls");
  const state = textOf(document, "state");
  return [
    states[state] ?? (state === "" ? "" : `The policy's state is ${enumValue(state).toLowerCase()}.`),
    whoSentence(conditions, context),
    ...whatSentences(objectAt(conditions, "applications"), context),
    whereSentence(objectAt(conditions, "locations"), context),
    ...conditionSentences(conditions),
    ...grantSentences(grant),
    ...sessionSentences(session),
    untold("condition", [...toldConditions.map(({ at, told }) => [at(conditions), told] as const)]),
    untold("control", [
      [grant, toldGrants],
      [session, toldSessions],
    ]),
  ].filter((sentence) => sentence !== "");
}

/** The properties that the sentences tell of, by where they stand. A test holds them against Microsoft's typings. */
const toldUsers = ["Users", "Groups", "Roles", "GuestsOrExternalUsers"].flatMap(includedOrNot);
const toldClients = [
  ...["ServicePrincipals", "AgentIdServicePrincipals"].flatMap(includedOrNot),
  "servicePrincipalFilter",
  "agentIdServicePrincipalFilter",
];
const toldApplications = [
  ...includedOrNot("Applications"),
  "applicationFilter",
  "includeUserActions",
  "includeAuthenticationContextClassReferences",
];
const toldConditions: readonly {
  at: (conditions: DocumentObject) => DocumentObject;
  told: readonly string[];
}[] = [
  {
    at: (conditions) => conditions,
    told: [
      "agentIdRiskLevels",
      "applications",
      "authenticationFlows",
      "clientApplications",
      "clientAppTypes",
      "devices",
      "deviceStates",
      "insiderRiskLevels",
      "locations",
      "platforms",
      "servicePrincipalRiskLevels",
      "signInRiskLevels",
      "userRiskLevels",
      "users",
    ],
  },
  { at: (conditions) => objectAt(conditions, "users"), told: toldUsers },
  { at: (conditions) => objectAt(conditions, "applications"), told: toldApplications },
  { at: (conditions) => objectAt(conditions, "clientApplications"), told: toldClients },
  { at: (conditions) => objectAt(conditions, "locations"), told: includedOrNot("Locations") },
  { at: (conditions) => objectAt(conditions, "platforms"), told: includedOrNot("Platforms") },
  {
    at: (conditions) => objectAt(conditions, "devices"),
    told: ["deviceFilter", ...["Devices", "DeviceStates"].flatMap(includedOrNot)],
  },
  { at: (conditions) => objectAt(conditions, "deviceStates"), told: includedOrNot("States") },
  { at: (conditions) => objectAt(conditions, "authenticationFlows"), told: ["transferMethods"] },
];
const toldGrants = [
  "operator",
  "builtInControls",
  "customAuthenticationFactors",
  "termsOfUse",
  "authenticationStrength",
];
const toldSessions = [
  "applicationEnforcedRestrictions",
  "cloudAppSecurity",
  "continuousAccessEvaluation",
  "disableResilienceDefaults",
  "globalSecureAccessFilteringProfile",
  "persistentBrowser",
  "secureSignInSession",
  "signInFrequency",
];

function includedOrNot(what: string): string[] {
  return [`include${what}`, `exclude${what}`];
}

/** What is set and has no sentence, such as what Microsoft adds later: nobody shall take the sentences for all there is. */
function untold(what: string, places: readonly (readonly [DocumentObject, readonly string[]])[]): string {
  const names = places.flatMap(([object, told]) =>
    untoldIn(object, told).map((property) => quoted(propertyName(property))),
  );
  if (names.length === 0) return "";
  return `Further ${what}s are set, which are not told here: ${listed(names)}.`;
}

function untoldIn(object: DocumentObject, told: readonly string[]): string[] {
  return Object.entries(object)
    .filter(([property, value]) => !property.includes("@") && !told.includes(property) && isSet(value))
    .map(([property]) => property);
}

function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isDocumentObject(value))
    return Object.entries(value).some(([property, each]) => !property.includes("@") && isSet(each));
  return value !== null && value !== undefined && value !== "" && value !== false;
}

function whoSentence(conditions: DocumentObject, context: WordContext): string {
  const users = objectAt(conditions, "users");
  const clients = objectAt(conditions, "clientApplications");
  const of = (which: Which) => [
    ...named(users, `${which}Users`, "user", context, (name) => (name === "All" ? "all users" : name)),
    ...named(users, `${which}Groups`, "group", context, (name) => `the group ${quoted(name)}`),
    ...named(users, `${which}Roles`, "directoryRole", context, (name) => `the role ${quoted(name)}`),
    ...guests(objectAt(users, `${which}GuestsOrExternalUsers`)),
    ...named(
      clients,
      `${which}ServicePrincipals`,
      "servicePrincipal",
      context,
      (name) => `the workload ${quoted(name)}`,
    ),
    ...filtered(objectAt(clients, "servicePrincipalFilter"), which, "workloads"),
    ...agents(clients, which, context),
    ...filtered(objectAt(clients, "agentIdServicePrincipalFilter"), which, "agent identities"),
  ];
  // A policy for what Microsoft adds later is not one for nobody.
  const isUntold = untoldIn(users, toldUsers).length + untoldIn(clients, toldClients).length > 0;
  const always = isUntold ? "whom the further conditions name" : "nobody";
  return said("Applies to", of("include"), of("exclude"), { always });
}

/** Identities of AI agents. Sets do not ask for their names: one without a name need not be gone. */
function agents(clients: DocumentObject, which: Which, context: WordContext): string[] {
  return strings(clients, `${which}AgentIdServicePrincipals`)
    .filter((id) => id !== "None")
    .map((id) =>
      id === "All"
        ? "all agent identities"
        : `the agent identity ${quoted(namedReference("servicePrincipal", id, context).text)}`,
    );
}

type Which = "include" | "exclude";

/** What a filter by rule includes or excludes. */
function filtered(filter: DocumentObject, which: Which, what: string): string[] {
  const rule = textOf(filter, "rule");
  const mode = textOf(filter, "mode") === "exclude" ? "exclude" : "include";
  return rule === "" || mode !== which ? [] : [`${what} that match ${rule}`];
}

function guests(object: DocumentObject): string[] {
  const kinds = textOf(object, "guestOrExternalUserTypes");
  if (kinds === "") return [];
  const tenants = objectAt(object, "externalTenants");
  const members = strings(tenants, "members");
  const from =
    textOf(tenants, "membershipKind") === "all"
      ? " of any organization"
      : members.length > 0
        ? ` of the tenants ${listed(members)}`
        : "";
  return [`guests or external users (${enumValue(kinds)})${from}`];
}

function whatSentences(applications: DocumentObject, context: WordContext): string[] {
  const actions = strings(applications, "includeUserActions").map(
    (action) => userActions.get(action) ?? action,
  );
  const contexts = strings(applications, "includeAuthenticationContextClassReferences");
  const filter = objectAt(applications, "applicationFilter");
  const of = (which: Which) => [
    ...named(applications, `${which}Applications`, "application", context, (name) =>
      name === "All" ? "any resource" : name,
    ),
    ...filtered(filter, which, "apps"),
  ];
  const isNone = strings(applications, "includeApplications").includes("None");
  const isUntold = untoldIn(applications, toldApplications).length > 0;
  return [
    actions.length > 0 ? `When they ${listed(actions)}.` : "",
    contexts.length > 0 ? `When a resource asks for the authentication context ${listed(contexts)}.` : "",
    said(
      "When they access",
      of("include"),
      of("exclude"),
      isNone && actions.length + contexts.length === 0
        ? { always: isUntold ? "what the further conditions name" : "nothing" }
        : { butExcluded: "any resource" },
    ),
  ];
}

function whereSentence(locations: DocumentObject, context: WordContext): string {
  const of = (which: Which) =>
    named(locations, `${which}Locations`, "namedLocation", context, (name) =>
      name === "All"
        ? "any location"
        : name === "All trusted locations"
          ? "all trusted locations"
          : quoted(name),
    );
  return said("From", of("include"), of("exclude"), { butExcluded: "any location" });
}

function conditionSentences(conditions: DocumentObject): string[] {
  const platforms = objectAt(conditions, "platforms");
  const on = (which: Which) =>
    strings(platforms, `${which}Platforms`).map((name) =>
      name === "all" ? "any platform" : enumValue(name),
    );
  const clients = strings(conditions, "clientAppTypes").filter((type) => type !== "all");
  const devices = objectAt(conditions, "devices");
  const inState = (which: Which) =>
    [
      ...strings(devices, `${which}Devices`),
      ...strings(devices, `${which}DeviceStates`),
      ...strings(objectAt(conditions, "deviceStates"), `${which}States`),
    ].map((state) => deviceStates.get(state.toLowerCase()) ?? `devices in the state ${state}`);
  const filter = objectAt(devices, "deviceFilter");
  const flows = textOf(objectAt(conditions, "authenticationFlows"), "transferMethods");
  const risks = [
    ["userRiskLevels", "user risk"],
    ["signInRiskLevels", "sign-in risk"],
    ["servicePrincipalRiskLevels", "service principal risk"],
  ].flatMap(([property = "", name = ""]) => {
    const levels = strings(conditions, property);
    return levels.length === 0 ? [] : [`When the ${name} is ${listed(levels, "or")}.`];
  });
  const insider = textOf(conditions, "insiderRiskLevels");
  const agentLevels = strings(conditions, "agentIdRiskLevels");
  const agent = agentLevels.length > 0 ? agentLevels.join() : textOf(conditions, "agentIdRiskLevels");
  return [
    said("On", on("include"), on("exclude"), { butExcluded: "any platform" }),
    clients.length === 0
      ? ""
      : `With ${listed(clients.map((type) => clientApps.get(type) ?? enumValue(type)))}.`,
    said("On", inState("include"), inState("exclude"), { butExcluded: "any device" }),
    textOf(filter, "rule") === ""
      ? ""
      : `${textOf(filter, "mode") === "exclude" ? "Except devices" : "On devices"} that match ${textOf(filter, "rule")}.`,
    flows === "" ? "" : `With the authentication flows ${enumValue(flows)}.`,
    ...risks,
    insider === "" ? "" : `When the insider risk is ${enumValue(insider).toLowerCase()}.`,
    agent === "" ? "" : `When the risk of the agent is ${enumValue(agent).toLowerCase()}.`,
  ];
}

function grantSentences(grant: DocumentObject): string[] {
  const builtIn = strings(grant, "builtInControls");
  const strength = objectAt(grant, "authenticationStrength");
  const terms = strings(grant, "termsOfUse").length;
  const isAny = textOf(grant, "operator") === "OR";
  const needed = [
    ...builtIn
      .filter((control) => control !== "block")
      .map((control) => controls.get(control) ?? enumValue(control)),
    ...(Object.keys(strength).length === 0
      ? []
      : [`the authentication strength ${quoted(textOf(strength, "displayName") || textOf(strength, "id"))}`]),
    ...(terms === 1 ? ["the terms of use"] : []),
    ...(terms > 1 ? [`${isAny ? "one" : "all"} of ${terms} terms of use`] : []),
    ...strings(grant, "customAuthenticationFactors"),
  ];
  return [
    builtIn.includes("block") ? "Then access is blocked." : "",
    needed.length === 0 ? "" : `Then access needs ${listed(needed, isAny ? "or" : "and")}.`,
  ];
}

function sessionSentences(session: DocumentObject): string[] {
  const isOn = (name: string) => objectAt(session, name).isEnabled === true;
  const evaluation = textOf(objectAt(session, "continuousAccessEvaluation"), "mode");
  return [
    isOn("signInFrequency") ? frequencySentence(objectAt(session, "signInFrequency")) : "",
    isOn("persistentBrowser")
      ? `The browser session is ${textOf(objectAt(session, "persistentBrowser"), "mode") === "always" ? "kept" : "never kept"} when the browser closes.`
      : "",
    isOn("applicationEnforcedRestrictions") ? "Apps enforce restrictions of their own." : "",
    isOn("cloudAppSecurity")
      ? `Defender for Cloud Apps watches the session: ${enumValue(textOf(objectAt(session, "cloudAppSecurity"), "cloudAppSecurityType")).toLowerCase()}.`
      : "",
    evaluations[evaluation] ??
      (evaluation === ""
        ? ""
        : `Continuous access evaluation is set to ${enumValue(evaluation).toLowerCase()}.`),
    isOn("secureSignInSession") ? "Sign-in sessions are bound to the device (token protection)." : "",
    isOn("globalSecureAccessFilteringProfile")
      ? `The security profile ${textOf(objectAt(session, "globalSecureAccessFilteringProfile"), "profileId")} of Global Secure Access filters the traffic.`
      : "",
    session.disableResilienceDefaults === true
      ? "Access ends when Entra cannot check the conditions (no resilience defaults)."
      : "",
  ];
}

function frequencySentence(frequency: DocumentObject): string {
  const unit = textOf(frequency, "type");
  const often =
    textOf(frequency, "frequencyInterval") === "everyTime"
      ? "every time"
      : `after ${String(frequency.value)} ${frequency.value === 1 ? unit.replace(/s$/, "") : unit}`;
  return textOf(frequency, "authenticationType") === "secondaryAuthentication"
    ? `People give their second factor again ${often}.`
    : `People sign in again ${often}.`;
}

/**
 * `Applies to A and B, except C.`
 * @param where what stands where nothing is included: always, or only where something is excluded; else the sentence is left out
 */
function said(
  begin: string,
  included: readonly string[],
  excluded: readonly string[],
  where: { always: string } | { butExcluded: string },
): string {
  const none = "always" in where ? where.always : excluded.length > 0 ? where.butExcluded : "";
  if (included.length === 0 && none === "") return "";
  const except = excluded.length === 0 ? "" : `, except ${listed(excluded)}`;
  return `${begin} ${included.length === 0 ? none : listed(included)}${except}.`;
}

function listed(items: readonly string[], last = "and"): string {
  return new Intl.ListFormat("en-US", { type: last === "or" ? "disjunction" : "conjunction" }).format(items);
}

function quoted(name: string): string {
  return `“${name}”`;
}

function objectAt(object: DocumentObject, property: string): DocumentObject {
  const value = object[property];
  return isDocumentObject(value) ? value : {};
}

function strings(object: DocumentObject, property: string): string[] {
  const value = object[property];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

/** Ids of a property by name, as the sentence says them. "None" includes nobody. */
function named(
  object: DocumentObject,
  property: string,
  kind: NameKind,
  context: WordContext,
  say: (name: string) => string,
): string[] {
  return strings(object, property)
    .filter((id) => id !== "None")
    .map((id) => {
      const { text, isNamed } = namedReference(kind, id, context);
      return isNamed ? say(text) : `the ${goneWord(kind)} ${text}`;
    });
}
