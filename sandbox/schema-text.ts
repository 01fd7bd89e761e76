/** A property: what it holds, and whether it is a list. */
export interface SchemaProperty {
  /** A type, an enum, or `string`, `boolean`, `number`, `any`. */
  type: string;
  collection: boolean;
  /** Graph sets it, and refuses it in what it is sent. */
  readOnly: boolean;
}

export interface SchemaType {
  base: string | null;
  /** Without those of its base. */
  properties: ReadonlyMap<string, SchemaProperty>;
}

/** One version of Graph as graph-schema.json holds it: a line of text for each type and enum. */
export interface SchemaText {
  types: Record<string, string>;
  enums: Record<string, string>;
}

/** `base name:type name:type[] …`; a text's type is left out, `-` is no base, and `name!` is read-only. */
export function writeType({ base, properties }: SchemaType): string {
  const list = [...properties].map(([name, { type, collection, readOnly }]) => {
    const text = `${type}${collection ? "[]" : ""}`;
    const marked = readOnly ? `${name}!` : name;
    return text === "string" ? marked : `${marked}:${text}`;
  });
  return [base ?? "-", ...list].join(" ");
}

export function readType(text: string): SchemaType {
  const [base = "-", ...list] = text.split(" ");
  const properties = list.map((item): [string, SchemaProperty] => {
    const [marked = "", type = "string"] = item.split(":");
    const readOnly = marked.endsWith("!");
    const collection = type.endsWith("[]");
    const name = readOnly ? marked.slice(0, -1) : marked;
    return [name, { type: collection ? type.slice(0, -2) : type, collection, readOnly }];
  });
  return { base: base === "-" ? null : base, properties: new Map(properties) };
}
