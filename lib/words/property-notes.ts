import notes from "./property-notes.json" with { type: "json" };

/** What Microsoft's typings say of a property. */
interface PropertyNote {
  /** `enum`, the type of what it holds, or empty for plain values. */
  kind: string;
  /** One sentence; empty where it would say no more than the name. */
  note: string;
}

const texts: Readonly<Record<string, readonly string[]>> = notes;
const read = new Map<string, ReadonlyMap<string, PropertyNote>>();

/** The properties of a type, those of its bases too; none of a type that the catalog does not reach. */
function propertiesOf(type: string): ReadonlyMap<string, PropertyNote> {
  const known = read.get(type);
  if (known) return known;
  const [base = "", ...lines] = Object.hasOwn(texts, type) ? (texts[type] ?? []) : [];
  const properties = new Map(base === "" ? [] : propertiesOf(base));
  for (const line of lines) {
    const [, property = "", kind = "", note = ""] = /^([^:]+):(\S*) ?(.*)$/.exec(line) ?? [];
    properties.set(property, { kind, note });
  }
  read.set(type, properties);
  return properties;
}

const nothing: PropertyNote = { kind: "", note: "" };

/** What is said of a property of a type; nothing of what the typings do not have. */
export function propertyNote(type: string, property: string): PropertyNote {
  return propertiesOf(type).get(property) ?? nothing;
}
