import { type Document, documentsOf, isDocument, typeOf } from "./document.ts";
import type { ImportedDefinition } from "./offered.ts";
import type { Reason } from "./plan.ts";

/** The settings of imported ADMX files among those of a policy, each with its place. */
export function importedIn(document: Document): { at: number; definition: Document }[] {
  return documentsOf(document.definitionValues).flatMap(({ definition }, at) =>
    isDocument(definition) && definition.policyType === "admxIngested" ? [{ at, definition }] : [],
  );
}

/** What a setting of an ADMX file is known by wherever the file is imported. */
export function definitionKey({ classType, displayName, categoryPath }: Document): string {
  const known = [classType, displayName, categoryPath];
  return JSON.stringify(known.map((value) => String(value ?? "").toLowerCase()));
}

/** What a presentation is known by within its definition. */
export function presentationOf(presentation: Document): { label: string; type: string } {
  return { label: String(presentation.label ?? "").toLowerCase(), type: typeOf(presentation) };
}

/**
 * The policy with the ids that settings of imported ADMX files have in the tenant that is written to. What is not found
 * there stops it before a policy is made that would stay empty.
 * @param live as it is; what it holds is of the same import
 * @param imported what the tenant has; null: it could not be read; undefined: nobody has looked
 */
export function withImported(
  document: Document,
  live: Document | null,
  imported: readonly ImportedDefinition[] | null | undefined,
): { document: Document; reasons: Reason[] } {
  const held = new Set(importedIn(live ?? {}).map(({ definition }) => definition.id));
  const foreign = importedIn(document).filter(({ definition }) => !held.has(definition.id));
  if (foreign.length === 0 || imported === undefined) return { document, reasons: [] };
  if (imported === null) {
    const message = "The settings of imported ADMX files could not be read: plan again when they can.";
    return { document, reasons: [{ code: "unread", path: "definitionValues", message }] };
  }
  const places = new Map(foreign.map(({ at, definition }) => [at, definition]));
  const reasons: Reason[] = [];
  const definitionValues = documentsOf(document.definitionValues).map((value, at) => {
    const definition = places.get(at);
    return definition ? mapped(value, definition, imported, reasons, `definitionValues/${at}`) : value;
  });
  return { document: { ...document, definitionValues }, reasons };
}

function mapped(
  value: Document,
  definition: Document,
  imported: readonly ImportedDefinition[],
  reasons: Reason[],
  path: string,
): Document {
  const name = `“${String(definition.displayName)}” (${String(definition.categoryPath)})`;
  const key = definitionKey(definition);
  const alike = imported.filter((one) => one.key === key);
  const found = alike.find(({ id }) => id === definition.id) ?? (alike.length === 1 ? alike[0] : undefined);
  if (!found) {
    const isAmbiguous = alike.length > 1;
    const message = isAmbiguous
      ? `The setting ${name} is in several imported ADMX files of this tenant: leave one of them, and plan again.`
      : `The setting ${name} comes from an imported ADMX file that this tenant does not have: import the file, and plan again.`;
    reasons.push({ code: isAmbiguous ? "ambiguous" : "unresolved", path: `${path}/definition`, message });
    return value;
  }
  // The same import: all of it is as it was.
  if (found.id === definition.id) return value;
  const presentationValues = documentsOf(value.presentationValues).map((one, at) => {
    const { presentation } = one;
    if (!isDocument(presentation)) return one;
    const wanted = presentationOf(presentation);
    const isSame = (type: string) => type === wanted.type || type === "" || wanted.type === "";
    const [first, ...others] = found.presentations.filter(
      ({ label, type }) => label === wanted.label && isSame(type),
    );
    if (first && others.length === 0) return { ...one, presentation: { ...presentation, id: first.id } };
    reasons.push({
      code: first ? "ambiguous" : "unresolved",
      path: `${path}/presentationValues/${at}/presentation`,
      message: `What the setting ${name} asks for under “${String(presentation.label ?? "")}” is not to be found in the ADMX file that this tenant has imported: import the same version, and plan again.`,
    });
    return one;
  });
  return { ...value, definition: { ...definition, id: found.id }, presentationValues };
}
