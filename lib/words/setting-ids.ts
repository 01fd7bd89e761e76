import { isDocumentObject } from "./document.ts";

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

/** The ids of the settings in a batch of documents, each once. */
export function settingIdsOf(documents: readonly TypedDocument[]): string[] {
  const ids = new Set<string>();
  for (const { policyType, document } of documents)
    if (Object.hasOwn(typesWithDefinitions, policyType)) for (const id of settingIdsIn(document)) ids.add(id);
  return [...ids];
}
