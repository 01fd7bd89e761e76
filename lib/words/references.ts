import { noGuid } from "#lib/guid";
import { kindOfReference, pseudoGroup } from "#lib/names/collect";
import { firstPartyApps } from "#lib/names/first-party";
import { kindWord, type NameKind, nameKinds } from "#lib/names/names";
import { isRawId } from "./humanize.ts";
import type { WordContext } from "./schema.ts";

/** A text of a document as people say it; `isNamed` is false where it stays a raw id. */
export interface Named {
  text: string;
  isNamed: boolean;
}

/** Words that stand where ids do. */
const words: ReadonlyMap<string, string> = new Map([
  ["all", "All"],
  ["none", "None"],
  ["guestsorexternalusers", "Guests or external users"],
  ["office365", "Office 365"],
  ["microsoftadminportals", "Microsoft Admin Portals"],
  ["alltrusted", "All trusted locations"],
  ["all_users", "All users"],
  ["serviceprincipalsinmytenant", "All service principals of the tenant"],
  ["allagentidusers", "All agent users"],
  ["allagentidresources", "All agent resources"],
]);

/** What Entra and Intune have in every tenant. */
const builtIn: ReadonlyMap<string, string> = new Map([
  ["a0b1b346-4d3e-4e8b-98f8-753987be4970", "User"],
  ["10dae51f-b6af-4016-8d66-8c2a99b929b3", "Guest user"],
  ["2af84b1e-32c8-42b7-82bc-daa82404023b", "Restricted guest user"],
  ["00000000-0000-0000-0000-000000000002", "Multifactor authentication"],
  ["00000000-0000-0000-0000-000000000003", "Passwordless multifactor authentication"],
  ["00000000-0000-0000-0000-000000000004", "Phishing-resistant multifactor authentication"],
]);

/** The name behind an id of a kind; the id itself where nobody knows one. */
export function namedReference(kind: NameKind, id: string, context: WordContext): Named {
  const lower = id.toLowerCase();
  const known =
    context.nameOf(kind, lower) ??
    words.get(lower) ??
    (kind === "group" ? pseudoGroup(lower) : undefined) ??
    (kind === "application" ? firstPartyApps.get(lower) : undefined) ??
    (kind === "roleScopeTag" && id === "0" ? "Default" : undefined) ??
    // The addresses in the service settings of multifactor authentication, which conditional access refers to so.
    (kind === "namedLocation" && lower === noGuid ? "Multifactor authentication trusted IPs" : undefined) ??
    builtIn.get(lower);
  if (known !== undefined) return { text: known, isNamed: true };
  return { text: id, isNamed: !isRawId(id) && kind !== "roleScopeTag" };
}

/**
 * {@link namedReference} for what people tell apart: between two tenants an id without a name says nothing, and is said to be unknown.
 */
export function comparedReference(kind: NameKind, id: string, context: WordContext): Named {
  const named = namedReference(kind, id, context);
  return context.acrossTenants && !named.isNamed
    ? { ...named, text: `Unknown ${kindWord(kind)} ${id}` }
    : named;
}

/** What a text in a property means: the name behind an id, where the property holds any; else null. */
export function referenceIn(property: string, text: string, context: WordContext): Named | null {
  const kind = kindOfReference(property);
  if (kind !== undefined) return namedReference(kind, text, context);
  if (!isRawId(text)) return null;
  for (const each of nameKinds) {
    const known = context.nameOf(each, text.toLowerCase());
    if (known !== undefined) return { text: known, isNamed: true };
  }
  return { text: builtIn.get(text.toLowerCase()) ?? text, isNamed: builtIn.has(text.toLowerCase()) };
}
