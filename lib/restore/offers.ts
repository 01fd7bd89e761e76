import type { PolicyType } from "#lib/policies/policy-type";
import { writingOf } from "#lib/policies/write";
import type { SuccessorRule, TemplateRule, WriteRule } from "#lib/policies/write/write-rule";
import { type Document, documentsOf, isDocument } from "./document.ts";
import { nameProperty } from "./guards.ts";
import { definitionKey, importedIn } from "./imported-settings.ts";
import type { OfferedTemplate, RequiredSetting } from "./offered.ts";
import type { Reason, RestoreInput } from "./plan.ts";
import { settingIdsIn } from "./spellings.ts";

/** What has to be looked up of a tenant before some items can be planned. */
export interface OffersWanted {
  templates: {
    rule: TemplateRule;
    id: string;
    /** What its policies name: settings, and options of them. */
    settingIds: string[];
  }[];
  /** By {@link definitionKey}. */
  imported: string[];
  successors: { rule: SuccessorRule; names: string[] }[];
  deleted: { path: string; only: { property: string; values: readonly string[] } | null; ids: string[] }[];
}

/** What has to be looked up for the items; each once. */
export function offersWanted(items: readonly { type: PolicyType; backup: Document }[]): OffersWanted {
  const templates = new Map<string, OffersWanted["templates"][number]>();
  const imported = new Set<string>();
  const successors = new Map<string, OffersWanted["successors"][number]>();
  const deleted = new Map<string, OffersWanted["deleted"][number]>();
  for (const { type, backup } of items) {
    const rule = writingOf(type.key);
    if ("cannot" in rule) continue;
    const templateId = templateOf(backup, rule);
    if (rule.templates && templateId !== null) {
      const key = `${rule.templates.path} ${templateId}`;
      const others = templates.get(key)?.settingIds ?? [];
      const settingIds = [...new Set([...others, ...settingIdsIn(backup)])];
      templates.set(key, { rule: rule.templates, id: templateId, settingIds });
    }
    for (const { definition } of importedIn(backup)) imported.add(definitionKey(definition));
    if (rule.successor) {
      const { path } = rule.successor;
      const known: OffersWanted["successors"][number] = successors.get(path) ?? {
        rule: rule.successor,
        names: [],
      };
      known.names.push(nameOf(backup, type));
      successors.set(path, known);
    }
    if (rule.deleted) {
      const { path, only } = rule.deleted;
      const known: OffersWanted["deleted"][number] = deleted.get(path) ?? { path, only, ids: [] };
      known.ids.push(String(backup[type.idProperty]));
      deleted.set(path, known);
    }
  }
  return {
    templates: [...templates.values()],
    imported: [...imported],
    successors: [...successors.values()],
    deleted: [...deleted.values()],
  };
}

function nameOf(document: Document, type: PolicyType): string {
  return String(document[nameProperty(type, document)] ?? "");
}

/** The id of the template that a policy was made from; null: of none. */
function templateOf(document: Document, { templates }: WriteRule): string | null {
  if (templates === null) return null;
  let value: unknown = document;
  for (const name of templates.of.split("/")) value = isDocument(value) ? value[name] : undefined;
  return typeof value === "string" && value !== "" ? value : null;
}

/** The template that a policy was made from, as the tenant has it; undefined: of none, or nobody could look. */
function offeredOf(
  { backup, offers }: Pick<RestoreInput, "backup" | "offers">,
  rule: WriteRule,
): OfferedTemplate | undefined {
  const id = templateOf(backup, rule);
  return offers?.templates.find((one) => one.path === rule.templates?.path && one.id === id);
}

/** Ids that the policy's template has in other small and capital letters than policies, as it has them. */
export function spellingsFor(
  input: Pick<RestoreInput, "backup" | "offers">,
  rule: WriteRule,
): readonly string[] {
  return offeredOf(input, rule)?.spellings ?? [];
}

/** Why Microsoft's own changes let nobody write a live policy now; null where they do. A sentence for people. */
export function isMoving(live: Document | null, { successor }: WriteRule): string | null {
  return successor !== null && live?.[successor.moving] === true
    ? "Microsoft is turning it into a policy of the settings catalog: it is not written meanwhile. Plan again when that is done."
    : null;
}

/**
 * Why what the tenant offers does not do for a policy: nothing that a person could decide would change it.
 * @param live null: it would be made
 * @returns a sentence for people; null where it does, or nobody could look
 */
export function notOffered(
  { backup, offers }: Pick<RestoreInput, "backup" | "offers">,
  live: Document | null,
  rule: WriteRule,
): string | null {
  const template = offeredOf({ backup, offers }, rule);
  if (!template) return null;
  if (live === null && !template.isOffered)
    return `This tenant does not offer the template “${template.name ?? template.id}” that it was made from, or Microsoft has retired it: no new policy can be made of it.`;
  const absent = settingsNotOffered(backup, live, template.settings);
  if (absent.length > 0)
    return `This tenant does not offer all settings of the policy, and without them it would be another one: ${listed(absent)}.`;
  const lacking = isHeldToRequired(backup) ? settingsLacking(backup, template.required ?? []) : [];
  if (lacking.length > 0)
    return `Graph wants settings in every policy of the enrollment template “${template.name ?? template.id}” that the backup does not have, as where they came later: ${listed(lacking)}. Make the policy by hand, with these settings.`;
  return null;
}

function listed(names: readonly string[]): string {
  const others = names.length > 5 ? `, and ${names.length - 5} others` : "";
  return `${names.slice(0, 5).join(", ")}${others}`;
}

/**
 * Whether Graph refuses a policy that lacks what its template requires. Only that of enrollment does, when one is made and when one
 * is changed; all others are taken with some of their settings, whatever their templates say. Source: CIPP,
 * Select-CIPPIntuneAvailableSetting.
 */
function isHeldToRequired({ templateReference, technologies }: Document): boolean {
  const family = isDocument(templateReference) ? templateReference.templateFamily : null;
  const isIn = (value: unknown, pattern: RegExp) => typeof value === "string" && pattern.test(value);
  return isIn(family, /^enrollment/i) || isIn(technologies, /enrollment/i);
}

/** Settings that the template requires and the backup lacks. */
function settingsLacking(backup: Document, required: readonly RequiredSetting[]): string[] {
  const has = ({ definition, place }: RequiredSetting) =>
    documentsOf(backup.settings).some((setting) => {
      const ids = settingIds(setting);
      const isDefined = ids.definition?.toLowerCase() === definition.toLowerCase();
      return isDefined || (place !== null && ids.place?.toLowerCase() === place.toLowerCase());
    });
  return required
    .filter((one) => !has(one))
    .map(({ definition, name }) => (name === null ? definition : `“${name}” (${definition})`));
}

/** Settings at the top of a policy that are not offered; what the live policy holds it may keep. */
function settingsNotOffered(
  backup: Document,
  live: Document | null,
  offered: readonly string[] | null,
): string[] {
  if (offered === null) return [];
  const known = new Set(offered);
  const held = new Set(documentsOf(live?.settings).map((setting) => settingIds(setting).definition));
  return documentsOf(backup.settings).flatMap((setting) => {
    const { definition, place } = settingIds(setting);
    const isKnown = [definition, place].some((id) => id !== null && known.has(id.toLowerCase()));
    return definition === null || isKnown || held.has(definition) ? [] : [definition];
  });
}

function settingIds({ settingInstance }: Document): { definition: string | null; place: string | null } {
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);
  if (!isDocument(settingInstance)) return { definition: null, place: null };
  const { settingDefinitionId, settingInstanceTemplateReference: reference } = settingInstance;
  return {
    definition: text(settingDefinitionId),
    place: isDocument(reference) ? text(reference.settingInstanceTemplateId) : null,
  };
}

/** What Microsoft has made of a policy that is to be made anew; as a copy it is another one, under another name. */
export function successorReasons(input: RestoreInput, live: Document | null, rule: WriteRule): Reason[] {
  const { backup, mode, offers, type } = input;
  const { successor } = rule;
  if (successor === null || live !== null || mode.kind === "copy" || !offers) return [];
  if (offers.successors === null)
    return [
      {
        code: "unread",
        path: "",
        message:
          "Whether Microsoft has turned it into a policy of the settings catalog could not be read: plan again when it can.",
      },
    ];
  const name = nameOf(backup, type);
  const found = offers.successors.find((one) => one.path === successor.path && one.name === name);
  if (!found) return [];
  return [
    {
      code: "migrated",
      path: "",
      message: `Microsoft turns such policies into ones of the settings catalog, and one of these bears its name (${found.id}): restore that one. As a copy, this one would apply beside it.`,
    },
  ];
}

/** Whether what was deleted may be brought back: only a state that it may come back in. */
export function mayComeBack(
  only: { property: string; values: readonly string[] } | null,
  deleted: Document,
): boolean {
  return only === null || only.values.some((value) => deleted[only.property] === value);
}
