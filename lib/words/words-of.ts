import { findType } from "#lib/policies/catalog";
import { assignmentRows } from "./assignments.ts";
import { type DocumentObject, isDocumentObject, shortType } from "./document.ts";
import { typeName } from "./humanize.ts";
import { type Place, propertyRows, rowOf } from "./property-rows.ts";
import type { PolicyWords, WordContext, WordRow, WordSection } from "./schema.ts";

/** What a policy is, rather than what it sets; in the order in which it is told. */
const aboutProperties = [
  "displayName",
  "name",
  "description",
  "platforms",
  "technologies",
  "templateReference",
  "publisher",
  "roleScopeTagIds",
  "roleScopeTags",
];

/**
 * A policy in words: what it is, what it sets and who it is for. What has no name is shown as it is; whatever the
 * document holds, nothing fails.
 * @param policyType a key of the catalog
 * @param document the policy as it is stored, parsed
 */
export function wordsOf(policyType: string, document: unknown, context: WordContext): PolicyWords {
  if (!isDocumentObject(document)) return { sections: [], sentences: [] };
  const place: Place = { path: [], key: "", type: shortType(document, findType(policyType)?.declares ?? "") };
  const about = aboutRows(document, place, context);
  const told = new Set([...aboutProperties, "assignments"]);
  const sections: WordSection[] = [
    { key: "about", title: "About", rows: about },
    { key: "settings", title: "Settings", rows: propertyRows(document, place, context, told) },
    { key: "assignments", title: "Assignments", rows: assignmentRows(document.assignments, context) },
  ];
  return { sections: sections.filter(({ rows }) => rows.length > 0), sentences: [] };
}

function aboutRows(document: DocumentObject, place: Place, context: WordContext): WordRow[] {
  const rows = aboutProperties.flatMap((property) => {
    const row = rowOf(document, property, place, context);
    return row ? [row] : [];
  });
  if (place.type === "") return rows;
  const kind: WordRow = {
    key: "@odata.type",
    path: ["@odata.type"],
    category: [],
    name: "Kind",
    isNamed: true,
    value: { kind: "text", text: typeName(place.type) },
    children: [],
  };
  return [...rows.slice(0, 1), kind, ...rows.slice(1)];
}
