import { catalog, findType } from "#lib/policies/catalog";
import { templateRows } from "./administrative-templates.ts";
import { assignmentRows } from "./assignments.ts";
import { complianceActionRows } from "./compliance.ts";
import { accessSentences } from "./conditional-access.ts";
import { type DocumentObject, isDocumentObject, objectsIn, shortType, textOf } from "./document.ts";
import { typeName } from "./humanize.ts";
import { intentRows } from "./legacy-intents.ts";
import { type Place, propertyRows, rowOf } from "./property-rows.ts";
import type { PolicyWords, WordContext, WordRow, WordSection } from "./schema.ts";
import { templateIdIn } from "./setting-ids.ts";
import { instanceRow, settingRows } from "./setting-instances.ts";
import { withUniqueKeys } from "./unique-keys.ts";

/** What a policy is, rather than what it sets; in the order in which it is told. */
const aboutProperties = [
  "displayName",
  "name",
  "@odata.type",
  "description",
  "platforms",
  "technologies",
  "templateReference",
  "publisher",
  "roleScopeTagIds",
  "roleScopeTags",
];

/** What of a document has a section of its own. */
const ownSections = [...aboutProperties, "assignments", "scheduledActionsForRule"];

/**
 * A policy in words: what it is, what it sets and who it is for. What has no name is shown as it is; whatever the
 * document holds, nothing fails.
 * @param policyType a key of the catalog
 * @param document the policy as it is stored, parsed
 */
export function wordsOf(policyType: string, document: unknown, context: WordContext): PolicyWords {
  if (!isDocumentObject(document)) return { sections: [], sentences: [] };
  const place: Place = { path: [], key: "", type: shortType(document, findType(policyType)?.declares ?? "") };
  const isAccess = place.type === "conditionalAccessPolicy";
  const sections: WordSection[] = [
    { key: "about", title: "About", rows: aboutRows(document, place, context) },
    ...(isAccess ? accessSections(document, place, context) : settingSections(document, place, context)),
    {
      key: "actions",
      title: "Actions for noncompliance",
      rows: complianceActionRows(document.scheduledActionsForRule, context),
    },
    { key: "assignments", title: "Assignments", rows: assignmentRows(document.assignments, context) },
  ];
  return {
    sections: withUniqueKeys(sections.filter(({ rows }) => rows.length > 0)),
    sentences: isAccess ? accessSentences(document, context) : [],
  };
}

/** What the policy sets: by its definitions or templates, where it has any, and the properties of its own. */
function settingSections(document: DocumentObject, place: Place, context: WordContext): WordSection[] {
  const told = new Set(ownSections);
  const rows: WordRow[] = [];
  const tell = (properties: readonly string[], said: readonly WordRow[]) => {
    if (said.length === 0) return;
    for (const property of properties) told.add(property);
    rows.push(...said);
  };
  const template = context.template(templateIdIn(document) ?? "");
  tell(["settings"], settingRows(document.settings, context, template));
  if (isDocumentObject(document.settingInstance)) {
    const instance = { path: ["settingInstance"], key: "" };
    tell(
      ["settingInstance", "settingDefinitionId"],
      [instanceRow(document.settingInstance, instance, context)],
    );
  }
  tell(["definitionValues"], templateRows(document.definitionValues));
  if (place.type === "deviceManagementIntent")
    tell(["categories", "settings"], intentRows(document, context));
  tell(["apps"], protectedApps(document.apps));
  const isCompliance = document.scheduledActionsForRule !== undefined;
  return [
    {
      key: isCompliance ? "rules" : "settings",
      title: isCompliance ? "Rules" : "Settings",
      rows: [...rows, ...propertyRows(document, place, context, told)],
    },
  ];
}

/** Under which conditions conditional access applies, and what it does. */
function accessSections(document: DocumentObject, place: Place, context: WordContext): WordSection[] {
  const below = (property: string, type: string): WordRow[] => {
    const value = document[property];
    const at = { path: [...place.path, property], key: property, type };
    return isDocumentObject(value) ? propertyRows(value, at, context) : [];
  };
  const told = new Set([...ownSections, "conditions", "grantControls", "sessionControls"]);
  return [
    { key: "settings", title: "Settings", rows: propertyRows(document, place, context, told) },
    { key: "conditions", title: "Conditions", rows: below("conditions", "conditionalAccessConditionSet") },
    {
      key: "controls",
      title: "Access controls",
      rows: [
        ...below("grantControls", "conditionalAccessGrantControls"),
        ...below("sessionControls", "conditionalAccessSessionControls"),
      ],
    },
  ];
}

/** The apps that an app protection policy is for, by their names in the stores. */
function protectedApps(list: unknown): WordRow[] {
  const items = objectsIn(list).flatMap(({ object }) => {
    const { mobileAppIdentifier } = object;
    if (!isDocumentObject(mobileAppIdentifier)) return [];
    const named = Object.entries(mobileAppIdentifier).find(([property]) => property !== "@odata.type");
    return typeof named?.[1] === "string" ? [named[1]] : [];
  });
  if (items.length === 0) return [];
  return [
    {
      key: "apps",
      path: ["apps"],
      category: [],
      name: "Apps",
      isNamed: true,
      value: { kind: "list", items: items.sort() },
      children: [],
    },
  ];
}

function aboutRows(document: DocumentObject, place: Place, context: WordContext): WordRow[] {
  return aboutProperties.flatMap((property) => {
    if (property === "@odata.type") return kindRow(document, place);
    if (property === "templateReference") return templateRow(document.templateReference);
    const row = rowOf(document, property, place, context);
    if (!row) return [];
    // What a name or a description is, nobody has to be told.
    const { note: _, ...plain } = row;
    return [plain];
  });
}

/** What of its policy type it is; nothing where the policy type says it. */
function kindRow(document: DocumentObject, { type }: Place): WordRow[] {
  const said = shortType(document);
  return said === "" || said !== type || kindsOfOneType.has(said)
    ? []
    : [aboutRow("@odata.type", "Kind", typeName(said))];
}

/** Types that a whole policy type is of. */
const kindsOfOneType = new Set(catalog.flatMap(({ declares }) => declares ?? []));

/** The template that a policy was made from, as the portal names it. */
function templateRow(reference: unknown): WordRow[] {
  if (!isDocumentObject(reference)) return [];
  const name = textOf(reference, "templateDisplayName");
  if (name === "") return [];
  const version = textOf(reference, "templateDisplayVersion");
  return [aboutRow("templateReference", "Template", version === "" ? name : `${name}, ${version}`)];
}

function aboutRow(property: string, name: string, text: string): WordRow {
  return {
    key: property,
    path: [property],
    category: [],
    name,
    isNamed: true,
    value: { kind: "text", text },
    children: [],
  };
}
