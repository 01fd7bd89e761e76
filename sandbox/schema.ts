import type { Version } from "./collections.ts";
import schemaTexts from "./graph-schema.json" with { type: "json" };
import { type GraphObject, isObject, type Json, typeName } from "./json.ts";
import { readType, type SchemaProperty, type SchemaText, type SchemaType } from "./schema-text.ts";

/** The names that one version of Graph knows, so far as the sandbox's collections reach. */
export class Schema {
  readonly #text: SchemaText;
  readonly #types = new Map<string, SchemaType>();
  readonly #properties = new Map<string, ReadonlyMap<string, SchemaProperty>>();
  #derived: Map<string, string[]> | undefined;

  constructor(text: SchemaText) {
    this.#text = text;
  }

  has(type: string): boolean {
    return this.#type(type) !== undefined;
  }

  #type(name: string): SchemaType | undefined {
    const known = this.#types.get(name);
    if (known) return known;
    const text = Object.hasOwn(this.#text.types, name) ? this.#text.types[name] : undefined;
    if (text === undefined) return undefined;
    const type = readType(text);
    this.#types.set(name, type);
    return type;
  }

  /** The type and its bases, nearest first. */
  lineOf(name: string): string[] {
    const type = this.#type(name);
    return type ? [name, ...(type.base === null ? [] : this.lineOf(type.base))] : [];
  }

  isEntity(name: string): boolean {
    return this.lineOf(name).at(-1) === "entity";
  }

  /** The types right below a type. */
  derivedOf(name: string): readonly string[] {
    this.#derived ??= new Map();
    if (this.#derived.size === 0) {
      for (const type of Object.keys(this.#text.types)) {
        const base = this.#type(type)?.base;
        if (base) this.#derived.set(base, [...(this.#derived.get(base) ?? []), type]);
      }
    }
    return this.#derived.get(name) ?? [];
  }

  /** Properties of a type, inherited ones first; with the children that the sandbox serves. */
  propertiesOf(name: string): ReadonlyMap<string, SchemaProperty> {
    const known = this.#properties.get(name);
    if (known) return known;
    const line = this.lineOf(name).reverse();
    const all = new Map(line.flatMap((type) => [...(this.#type(type)?.properties ?? [])]));
    this.#properties.set(name, all);
    return all;
  }

  /** Values of an enum, without the one that stands for all to come; undefined when it is no enum. */
  valuesOf(name: string): readonly string[] | undefined {
    const text = Object.hasOwn(this.#text.enums, name) ? this.#text.enums[name] : undefined;
    return text?.split(" ").filter((value) => value !== "unknownFutureValue" && value !== "");
  }
}

/** What Microsoft's typings know, by version. */
export const schemas: Readonly<Record<Version, Schema>> = {
  "v1.0": new Schema(schemaTexts["v1.0"]),
  beta: new Schema(schemaTexts.beta),
};

const other: Record<Version, Version> = { "v1.0": "beta", beta: "v1.0" };

/** Whether a version's lists show objects of a type: not those that only the other version knows. */
export function shows(version: Version, type: string): boolean {
  return schemas[version].has(type) || !schemas[other[version]].has(type);
}

/** Whether a version knows a property of a type. What neither version knows is taken as it is. */
function knows(version: Version, type: string, property: string): boolean {
  return (
    schemas[version].propertiesOf(type).has(property) ||
    !schemas[other[version]].propertiesOf(type).has(property)
  );
}

/**
 * A value as a version of Graph gives it: without the properties that only the other version has, at every depth;
 * objects of a type that only the other version has become the nearest type above; `@odata.type` stays only where the
 * type is not the declared one.
 * @param declared the type that the metadata gives the property or collection
 */
export function narrowed(value: Json, declared: string | undefined, version: Version): Json {
  if (Array.isArray(value)) return value.map((element) => narrowed(element, declared, version));
  return isObject(value) ? narrowedObject(value, declared, version) : value;
}

/** The object of {@link narrowed}. */
export function narrowedObject(
  object: GraphObject,
  declared: string | undefined,
  version: Version,
): GraphObject {
  const given = typeName(object);
  const actual = given === "" ? (declared ?? "") : given;
  const [type = actual] = shows(version, actual)
    ? []
    : schemas[other[version]].lineOf(actual).filter((name) => schemas[version].has(name));
  const result: GraphObject = {};
  for (const [name, value] of Object.entries(object)) {
    if (name === "@odata.type") {
      if (given !== "" && type !== declared) result[name] = `#microsoft.graph.${type}`;
      continue;
    }
    // Of a type that it does not know, a version gives what the type above has.
    const kept = type === actual ? knows(version, type, name) : schemas[version].propertiesOf(type).has(name);
    if (!kept) continue;
    const property =
      schemas[version].propertiesOf(type).get(name) ?? schemas[other[version]].propertiesOf(type).get(name);
    result[name] = narrowed(value, property?.type, version);
  }
  return result;
}
