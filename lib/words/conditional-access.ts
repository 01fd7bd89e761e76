import { goneWord, type NameKind } from "#lib/names/names";
import { type DocumentObject, isDocumentObject, textOf } from "./document.ts";
import { enumValue } from "./humanize.ts";
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

/** A conditional access policy as sentences: whether it is on, who, what, where, under which conditions, and then. */
export function accessSentences(document: DocumentObject, context: WordContext): string[] {
  const conditions = objectAt(document, "conditions");
  return [
    states[textOf(document, "state")] ?? "",
    whoSentence(conditions, context),
    whatSentence(objectAt(conditions, "applications"), context),
    whereSentence(objectAt(conditions, "locations"), context),
    ...conditionSentences(conditions),
    grantSentence(objectAt(document, "grantControls")),
    ...sessionSentences(objectAt(document, "sessionControls")),
  ].filter((sentence) => sentence !== "");
}

function whoSentence(conditions: DocumentObject, context: WordContext): string {
  const users = objectAt(conditions, "users");
  const clients = objectAt(conditions, "clientApplications");
  const of = (which: "include" | "exclude") => [
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
  ];
  return said("Applies to", of("include"), of("exclude"), "nobody");
}

function guests(object: DocumentObject): string[] {
  const kinds = textOf(object, "guestOrExternalUserTypes");
  return kinds === "" ? [] : [`guests or external users (${enumValue(kinds)})`];
}

function whatSentence(applications: DocumentObject, context: WordContext): string {
  const actions = strings(applications, "includeUserActions").map(
    (action) => userActions.get(action) ?? action,
  );
  if (actions.length > 0) return `When they ${listed(actions)}.`;
  const contexts = strings(applications, "includeAuthenticationContextClassReferences");
  if (contexts.length > 0) return `When a resource asks for the authentication context ${listed(contexts)}.`;
  const of = (which: string) =>
    named(applications, `${which}Applications`, "application", context, (name) =>
      name === "All" ? "any resource" : name,
    );
  return said("When they access", of("include"), of("exclude"), "");
}

function whereSentence(locations: DocumentObject, context: WordContext): string {
  const of = (which: string) =>
    named(locations, `${which}Locations`, "namedLocation", context, (name) =>
      name === "All"
        ? "any location"
        : name === "All trusted locations"
          ? "all trusted locations"
          : quoted(name),
    );
  return said("From", of("include"), of("exclude"), "");
}

function conditionSentences(conditions: DocumentObject): string[] {
  const platforms = objectAt(conditions, "platforms");
  const on = (which: string) =>
    strings(platforms, `${which}Platforms`).map((name) =>
      name === "all" ? "any platform" : enumValue(name),
    );
  const clients = strings(conditions, "clientAppTypes").filter((type) => type !== "all");
  const filter = objectAt(objectAt(conditions, "devices"), "deviceFilter");
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
  return [
    said("On", on("include"), on("exclude"), ""),
    clients.length === 0
      ? ""
      : `With ${listed(clients.map((type) => clientApps.get(type) ?? enumValue(type)))}.`,
    textOf(filter, "rule") === ""
      ? ""
      : `${textOf(filter, "mode") === "exclude" ? "Except devices" : "On devices"} that match ${textOf(filter, "rule")}.`,
    flows === "" ? "" : `With the authentication flows ${enumValue(flows)}.`,
    ...risks,
    insider === "" ? "" : `When the insider risk is ${enumValue(insider).toLowerCase()}.`,
  ];
}

function grantSentence(grant: DocumentObject): string {
  const builtIn = strings(grant, "builtInControls");
  if (builtIn.includes("block")) return "Then access is blocked.";
  const strength = objectAt(grant, "authenticationStrength");
  const terms = strings(grant, "termsOfUse").length;
  const custom = strings(grant, "customAuthenticationFactors");
  const needed = [
    ...builtIn.map((control) => controls.get(control) ?? enumValue(control)),
    ...(Object.keys(strength).length === 0
      ? []
      : [`the authentication strength ${quoted(textOf(strength, "displayName") || textOf(strength, "id"))}`]),
    ...(terms > 0 ? ["the terms of use"] : []),
    ...custom,
  ];
  if (needed.length === 0) return "";
  return `Then access needs ${listed(needed, textOf(grant, "operator") === "OR" ? "or" : "and")}.`;
}

function sessionSentences(session: DocumentObject): string[] {
  const frequency = objectAt(session, "signInFrequency");
  const often = textOf(frequency, "frequencyInterval") === "everyTime";
  const isOn = (name: string) => objectAt(session, name).isEnabled === true;
  const unit = textOf(frequency, "type");
  return [
    isOn("signInFrequency")
      ? `People sign in again ${often ? "every time" : `after ${String(frequency.value)} ${frequency.value === 1 ? unit.replace(/s$/, "") : unit}`}.`
      : "",
    isOn("persistentBrowser")
      ? `The browser session is ${textOf(objectAt(session, "persistentBrowser"), "mode") === "always" ? "kept" : "never kept"} when the browser closes.`
      : "",
    isOn("applicationEnforcedRestrictions") ? "Apps enforce restrictions of their own." : "",
    isOn("cloudAppSecurity")
      ? `Defender for Cloud Apps watches the session: ${enumValue(textOf(objectAt(session, "cloudAppSecurity"), "cloudAppSecurityType")).toLowerCase()}.`
      : "",
    session.disableResilienceDefaults === true
      ? "Access ends when Entra cannot check the conditions (no resilience defaults)."
      : "",
  ];
}

/** `Applies to A and B, except C.`; `none` stands where nothing is included, and empty leaves the sentence out. */
function said(begin: string, included: readonly string[], excluded: readonly string[], none: string): string {
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
