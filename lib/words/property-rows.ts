import { isGuid, noGuid } from "#lib/guid";
import { holdsTargets, kindOfReference, kindOfTarget } from "#lib/names/collect";
import { isSecret } from "#lib/policies/secrets";
import { codeIn } from "./decoded-code.ts";
import { type DocumentObject, isDocumentObject, objectsIn, shortType, textOf } from "./document.ts";
import {
  durationInWords,
  enumValue,
  instantInWords,
  numberInWords,
  propertyName,
  referenceName,
  timeOfDayInWords,
  typeName,
} from "./humanize.ts";
import { propertyNote } from "./property-notes.ts";
import { comparedReference, type Named, referenceIn } from "./references.ts";
import type { WordContext, WordRow, WordValue } from "./schema.ts";

/** Where an object stands in a document. */
export interface Place {
  path: readonly (string | number)[];
  /** Identity of what is above it, for the keys of rows. */
  key: string;
  /** The type that Graph declares for what stands there: an object need not say it. */
  type: string;
}

/** Properties that tell objects apart or say when, not what is set. */
const hidden = new Set([
  "id",
  "version",
  "createdDateTime",
  "lastModifiedDateTime",
  "modifiedDateTime",
  "deletedDateTime",
  "creationDateTime",
  "lastModifiedBy",
  "createdBy",
  "isAssigned",
  "deployedAppCount",
  "supportsScopeTags",
  "settingCount",
  "isBuiltIn",
  "targetedAppManagementLevelsVersion",
  "secretReferenceValueId",
]);

/** A date that stands for none. */
const noDate = /^0001-01-01/;

/**
 * The properties of an object as rows, those that are unset left out.
 * @param omit properties that stand in another section
 */
export function propertyRows(
  object: DocumentObject,
  place: Place,
  context: WordContext,
  omit: ReadonlySet<string> = new Set(),
): WordRow[] {
  const type = shortType(object, place.type);
  return Object.keys(object)
    .filter((property) => !property.includes("@") && !property.startsWith("#"))
    .filter((property) => !hidden.has(property) && !omit.has(property))
    .flatMap((property) => {
      const row = rowOf(object, property, { ...place, type }, context);
      return row ? [row] : [];
    });
}

/** One property as a row; null where there is nothing to say. */
export function rowOf(
  object: DocumentObject,
  property: string,
  place: Place,
  context: WordContext,
): WordRow | null {
  const value = object[property];
  const { kind, note } = propertyNote(place.type, property);
  const row = (value: WordValue, children: WordRow[] = [], isNamed = true): WordRow => ({
    key: keyBelow(place, property),
    path: [...place.path, property],
    category: [],
    name: kindOfReference(property) === undefined ? propertyName(property) : referenceName(property),
    isNamed,
    value,
    ...(note !== "" && { note }),
    children,
  });
  if (isSecret(object, property)) return row({ kind: "secret" });
  if (value === null || value === undefined || value === "") return null;
  if (Array.isArray(value)) {
    if (value.length === 0) return null;
    const type = kind || (undeclared.get(`${place.type} ${property}`) ?? "");
    const below = { path: [...place.path, property], key: keyBelow(place, property), type };
    if (value.some(isDocumentObject))
      return row({ kind: "none" }, entryRows(value, property, below, context));
    const items = value.map((entry: unknown) => plainInWords(entry, property, kind, note, context));
    return row(
      { kind: "list", items: items.map(({ text }) => text) },
      [],
      items.every(({ isNamed }) => isNamed),
    );
  }
  if (isDocumentObject(value)) {
    const below = { path: [...place.path, property], key: keyBelow(place, property), type: kind };
    // A target without an id is nobody.
    if (holdsTargets(property) && value.id === noGuid) return null;
    const target = targetIn(property, value, context);
    const naming = target ? undefined : namingProperties.find((name) => textOf(value, name) !== "");
    const children = propertyRows(value, below, context, new Set(naming === undefined ? [] : [naming]));
    const ownType = shortType(value);
    // Where the typings have only one type, its name says no more than the property's.
    const type = ownType === kind ? "" : ownType;
    const said = target?.text ?? (naming === undefined ? type && typeName(type) : textOf(value, naming));
    const what: WordValue = said === "" ? { kind: "none" } : { kind: "text", text: said };
    return children.length === 0 && said === "" ? null : row(what, children, target?.isNamed);
  }
  if (typeof value === "string") {
    if (noDate.test(value) || value === noGuid) return null;
    const code = codeIn(value, { property, type: place.type, fileName: textOf(object, "fileName") });
    if (code && kind !== "enum") return row(code);
  }
  const { text, isNamed } = plainInWords(value, property, kind, note, context);
  return row({ kind: "text", text }, [], isNamed);
}

/** A value that is neither object nor list, in words. */
function plainInWords(
  value: unknown,
  property: string,
  kind: string,
  note: string,
  context: WordContext,
): { text: string; isNamed: boolean } {
  if (typeof value === "boolean") return { text: value ? "Yes" : "No", isNamed: true };
  if (typeof value === "number") return { text: numberInWords(value, property, note), isNamed: true };
  if (typeof value !== "string") return { text: JSON.stringify(value) ?? "", isNamed: true };
  const named = referenceIn(property, value, context);
  if (named) return named;
  if (written.has(property) && kind !== "enum") return { text: value, isNamed: true };
  const time = durationInWords(value) ?? timeOfDayInWords(value) ?? instantInWords(value);
  if (time !== null) return { text: time, isNamed: true };
  if (graphType.test(value)) return { text: typeName(value), isNamed: true };
  return { text: kind === "enum" || isEnumByName(property, value) ? enumValue(value) : value, isNamed: true };
}

/** What people have written: a policy may be called P1D, and is no day. */
const written = new Set(["displayName", "name", "description"]);

/** What lists are of in types that v1.0 has under another name than the typings. */
const undeclared: ReadonlyMap<string, string> = new Map([["groupSetting values", "settingValue"]]);

/** An `@odata.type` as a value. */
const graphType = /^#microsoft\.graph\.\w+$/;

/** Properties that are enums in every type that has them, also in those that no typings know. */
const enumProperties = new Set([
  "platforms",
  "technologies",
  "state",
  "intent",
  "targetedAuthenticationMethod",
  "targetType",
  "deviceAndAppManagementAssignmentFilterType",
]);

function isEnumByName(property: string, value: string): boolean {
  return enumProperties.has(property) && /^[a-zA-Z\d,]+$/.test(value);
}

/** Whom an object is about that says who an authentication method is for; null for any other. */
function targetIn(property: string, object: DocumentObject, context: WordContext): Named | null {
  const id = textOf(object, "id");
  if (!holdsTargets(property) || id === "") return null;
  return comparedReference(kindOfTarget(object) ?? "principal", id, context);
}

/** What an entry is told by that has no name: its id, whatever it is the id of; null where it has none. */
function idInWords(object: DocumentObject, context: WordContext): Named | null {
  const id = textOf(object, "id");
  return id === "" ? null : (referenceIn("id", id, context) ?? { text: id, isNamed: true });
}

/** The objects of a list as rows: each under its own name. @param property the one that holds the list */
function entryRows(
  list: readonly unknown[],
  property: string,
  place: Place,
  context: WordContext,
): WordRow[] {
  const objects = objectsIn(list);
  const identity = identityIn(objects.map(({ object }) => object));
  return objects.map(({ object, at }) => {
    const target = targetIn(property, object, context);
    const naming = target ? undefined : namingProperties.find((name) => textOf(object, name) !== "");
    const below = {
      path: [...place.path, at],
      key: keyBelow(place, identity === null ? at : labelOf(object, identity, target, context)),
      type: shortType(object, place.type),
    };
    const omit = new Set(naming === undefined ? [] : [naming]);
    const own = naming === undefined ? "" : textOf(object, naming);
    const type = shortType(object);
    const id = naming === undefined && !target ? idInWords(object, context) : null;
    const named =
      naming === undefined ? (target ?? (type === "" ? id : null)) : referenceIn(naming, own, context);
    const children = propertyRows(object, below, context, omit);
    // Of a reference, such as to a member, there is nothing but its type and its id.
    if (children.length === 0 && type !== "" && id)
      return {
        key: below.key,
        path: [...below.path, "id"],
        category: [],
        name: `${typeName(type)} ${at + 1}`,
        isNamed: id.isNamed,
        value: { kind: "text" as const, text: id.text },
        children: [],
      };
    const [only, ...others] = children;
    // What has one property alone says no more than its value, as does what has a name and a value.
    const isPlain =
      only !== undefined &&
      others.length === 0 &&
      only.children.length === 0 &&
      only.value.kind !== "code" &&
      (naming === undefined || only.path.at(-1) === "value");
    return {
      key: below.key,
      path: isPlain ? only.path : below.path,
      category: [],
      name:
        named?.text ??
        (naming === undefined
          ? `${type === "" ? "Entry" : typeName(type)} ${at + 1}`
          : // Directory settings are named as properties are.
            below.type === "settingValue"
            ? propertyName(own)
            : own),
      isNamed: (named?.isNamed ?? true) && (!isPlain || only.isNamed),
      value: isPlain ? only.value : { kind: "none" as const },
      ...(isPlain && only.note !== undefined && { note: only.note }),
      children: isPlain ? [] : children,
    };
  });
}

/** What an entry of a list is called by, the first that it has. */
const namingProperties = [
  "displayName",
  "name",
  "settingName",
  "appDisplayName",
  "ruleName",
  "customAttributeName",
  "locale",
];

/** By what the entries of a list can be told apart in two documents: the first property in which all differ. */
const identifying = ["omaUri", "displayName", "name", "id", "appId", "bundleId"];

function identityIn(objects: readonly DocumentObject[]): string | null {
  return (
    identifying.find((property) => {
      const values = new Set(objects.map((object) => textOf(object, property)));
      return values.size === objects.length && !values.has("");
    }) ?? null
  );
}

/**
 * What tells an entry apart: what it has in the identifying property. An id that its tenant gave it tells nothing in another one:
 * between two, it is what the id stands for, or else the entry's type.
 */
function labelOf(
  object: DocumentObject,
  identity: string,
  target: Named | null,
  { acrossTenants }: WordContext,
): string {
  const own = textOf(object, identity);
  if (!acrossTenants || identity !== "id" || !isGuid(own)) return own;
  return target?.text ?? (shortType(object) || "entry");
}

/** The key of what stands below a place. */
export function keyBelow(place: Pick<Place, "key">, step: string | number): string {
  return place.key === "" ? String(step) : `${place.key}/${step}`;
}
