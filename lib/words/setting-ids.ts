import { isDocumentObject, objectsIn, textOf } from "./document.ts";

/** Where Microsoft serves the definitions of a document's settings, and their categories. */
export const definitionSources = ["configuration", "compliance", "reusable", "inventory"] as const;
export type DefinitionSource = (typeof definitionSources)[number];

/** The policy types whose documents hold settings with definitions. */
export const typesWithDefinitions: Readonly<Record<string, DefinitionSource>> = {
  settingsCatalogPolicy: "configuration",
  endpointSecurityPolicy: "configuration",
  securityBaselinePolicy: "configuration",
  mamAppConfiguration: "configuration",
  linuxCompliancePolicy: "compliance",
  reusablePolicySetting: "reusable",
  inventoryPolicy: "inventory",
};

/** The policy type whose documents hold settings by the definitions of a legacy template. */
export const intentType = "endpointSecurityIntent";

/** The settings of a legacy policy, and the template that defines them. */
export function intentSettingsIn(document: unknown): { templateId: string; settingIds: string[] } {
  if (!isDocumentObject(document)) return { templateId: "", settingIds: [] };
  const lists = [document.settings, ...objectsIn(document.categories).map(({ object }) => object.settings)];
  const ids = lists.flatMap(objectsIn).map(({ object }) => textOf(object, "definitionId"));
  return {
    templateId: textOf(document, "templateId"),
    settingIds: [...new Set(ids.filter((id) => id !== ""))],
  };
}

/** The template that a policy of the settings catalog was made from; null for none. */
export function templateIdIn(document: unknown): string | null {
  if (!isDocumentObject(document) || !isDocumentObject(document.templateReference)) return null;
  return textOf(document.templateReference, "templateId") || null;
}

/** The ids of all settings in a document, those below others too; each once. */
export function settingIdsIn(document: unknown): Set<string> {
  const ids = new Set<string>();
  const visit = (value: unknown) => {
    if (Array.isArray(value)) {
      for (const entry of value) visit(entry);
    } else if (isDocumentObject(value)) {
      const { settingDefinitionId } = value;
      if (typeof settingDefinitionId === "string" && settingDefinitionId !== "") ids.add(settingDefinitionId);
      for (const entry of Object.values(value)) if (typeof entry === "object") visit(entry);
    }
  };
  visit(document);
  return ids;
}

/** A policy to be said in words. */
export interface TypedDocument {
  policyType: string;
  /** As it is stored, parsed. */
  document: unknown;
}

/** The ids of the settings in a batch of documents, and of the templates that they were made from; each once. */
export function settingIdsOf(documents: readonly TypedDocument[]): string[] {
  const ids = new Set<string>();
  for (const { policyType, document } of documents) {
    if (policyType === intentType) for (const id of intentSettingsIn(document).settingIds) ids.add(id);
    if (!Object.hasOwn(typesWithDefinitions, policyType)) continue;
    for (const id of settingIdsIn(document)) ids.add(id);
    const template = templateIdIn(document);
    if (template !== null) ids.add(template);
  }
  return [...ids];
}
