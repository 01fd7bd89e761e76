import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

export type GraphVersion = "v1.0" | "beta";

/** A property as Microsoft's typings have it. */
export interface TypedProperty {
  /** A type or enum by its Graph name, or `string`, `boolean`, `number`, `any`. */
  type: string;
  collection: boolean;
  /** Microsoft's comment says that it is read-only: Graph sets it, and refuses it in what it is sent. */
  readOnly: boolean;
}

/** Entity and complex types alike. */
export interface GraphType {
  /** The type that it derives from; null for a root. */
  base: string | null;
  /** Its own properties, without those of its base. */
  properties: ReadonlyMap<string, TypedProperty>;
  /** Microsoft's comments on its own properties, each in one line. */
  comments: ReadonlyMap<string, string>;
}

const packages: Record<GraphVersion, string> = {
  "v1.0": "@microsoft/microsoft-graph-types",
  beta: "@microsoft/microsoft-graph-types-beta",
};

const primitives: ReadonlySet<string> = new Set(["string", "boolean", "number", "any"]);
/** "This property is read-only.", also broken over two lines; and not "read-only mode". */
const READ_ONLY = /\bread-only(\.|$|\s*\*?\/?$)/im;
const TOKEN = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"[^"]*"|[A-Za-z_$][\w$]*|\s+|[^\s]/g;

/** `DeviceConfiguration` in the typings is `deviceConfiguration` in Graph. */
const graphName = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);

/** The names of one version of Graph, from the declarations that Microsoft publishes. */
export class GraphTypings {
  readonly types: ReadonlyMap<string, GraphType>;
  /** Values by enum; none for one that the typings leave undefined. */
  readonly enums: ReadonlyMap<string, readonly string[]>;
  readonly #derived: ReadonlyMap<string, readonly string[]>;
  readonly #properties = new Map<string, ReadonlyMap<string, TypedProperty>>();

  /** @throws Error when the declarations hold anything that this parser does not know, or name what they lack */
  constructor(declarations: string) {
    const { types, enums } = new Parser(declarations).parse();
    this.types = types;
    this.enums = enums;
    const bases = [...types].flatMap(([name, { base }]) => (base === null ? [] : [{ name, base }]));
    this.#derived = new Map(
      [...Map.groupBy(bases, ({ base }) => base)].map(([base, list]) => [base, list.map(({ name }) => name)]),
    );
  }

  /** The type itself and all its bases, nearest first; empty when there is no such type. */
  lineOf(name: string): string[] {
    const line: string[] = [];
    for (let next: string | null = name; next !== null; ) {
      const type = this.types.get(next);
      if (!type) break;
      line.push(next);
      next = type.base;
    }
    return line;
  }

  /** All properties, inherited ones too. */
  propertiesOf(name: string): ReadonlyMap<string, TypedProperty> {
    let all = this.#properties.get(name);
    if (!all) {
      const line = this.lineOf(name).reverse();
      all = new Map(line.flatMap((type) => [...(this.types.get(type)?.properties ?? [])]));
      this.#properties.set(name, all);
    }
    return all;
  }

  /** The types below a type, at any depth, without itself. */
  derivedOf(name: string): string[] {
    return (this.#derived.get(name) ?? []).flatMap((type) => [type, ...this.derivedOf(type)]);
  }

  isEntity(name: string): boolean {
    return this.lineOf(name).at(-1) === "entity";
  }

  /** Whether a property leads to other objects: Graph gives it only when it is expanded or read by itself. */
  isNavigation(property: TypedProperty): boolean {
    return this.isEntity(property.type);
  }
}

class Parser {
  readonly #tokens: string[];
  /** The comments, by the token that they stand before. */
  readonly #comments = new Map<number, string>();
  #at = 0;
  readonly #types = new Map<string, GraphType>();
  readonly #enums = new Map<string, readonly string[]>();
  readonly #aliases = new Set<string>();

  constructor(declarations: string) {
    this.#tokens = [];
    let comment = "";
    for (const token of declarations.match(TOKEN) ?? []) {
      if (/^\s/.test(token)) continue;
      if (/^(\/\/|\/\*)/.test(token)) {
        comment += token;
        continue;
      }
      if (comment !== "") this.#comments.set(this.#tokens.length, comment);
      comment = "";
      this.#tokens.push(token);
    }
  }

  parse(): { types: Map<string, GraphType>; enums: Map<string, readonly string[]> } {
    while (this.#at < this.#tokens.length) this.#declaration("");
    for (const [name, { base, properties }] of this.#types) {
      const named = [...properties.values()].map(({ type }) => type);
      for (const other of base === null ? named : [base, ...named]) {
        if (!primitives.has(other) && !this.#types.has(other) && !this.#enums.has(other))
          throw new Error(`${name} names ${other}, which is not declared.`);
      }
    }
    return { types: this.#types, enums: this.#enums };
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new Error("The declarations end in the middle of one.");
    return token;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #expect(...wanted: string[]): void {
    for (const token of wanted) {
      const found = this.#next();
      if (found !== token) {
        const around = this.#tokens.slice(Math.max(0, this.#at - 8), this.#at + 3).join(" ");
        throw new Error(`Expected ${token}, found ${found} in: ${around}`);
      }
    }
  }

  #declaration(space: string): void {
    if (space === "") this.#expect("export");
    const kind = this.#next();
    if (kind === "as") {
      this.#expect("namespace");
      this.#aliases.add(this.#next());
      this.#expect(";");
    } else if (kind === "type") this.#alias(space);
    else if (kind === "interface") this.#interface(space);
    else if (kind === "namespace") {
      let name = graphName(this.#next());
      while (this.#peek() === ".") {
        this.#next();
        name += `.${graphName(this.#next())}`;
      }
      this.#expect("{");
      while (this.#peek() !== "}") this.#declaration(`${name}.`);
      this.#expect("}");
    } else throw new Error(`A declaration of ${kind} is not known.`);
  }

  #alias(space: string): void {
    const name = this.#next();
    if (name === "NullableOption") {
      this.#expect("<", "T", ">", "=", "T", "|", "null", ";");
      return;
    }
    this.#expect("=");
    const values: string[] = [];
    for (let token = this.#next(); token !== ";"; token = this.#next()) {
      if (token.startsWith('"')) values.push(token.slice(1, -1));
      else if (token !== "|" && token !== "undefined") throw new Error(`${name} is ${token}.`);
    }
    this.#enums.set(space + graphName(name), values);
  }

  #interface(space: string): void {
    const name = space + graphName(this.#next());
    let base: string | null = null;
    if (this.#peek() === "extends") {
      this.#next();
      base = this.#reference(space);
    }
    this.#expect("{");
    const properties = new Map<string, TypedProperty>();
    const comments = new Map<string, string>();
    while (this.#peek() !== "}") {
      const comment = this.#comments.get(this.#at) ?? "";
      const property = this.#next();
      if (this.#peek() === "?") this.#next();
      this.#expect(":");
      properties.set(property, {
        ...this.#propertyType(space),
        readOnly: READ_ONLY.test(comment),
      });
      if (comment !== "") comments.set(property, plainComment(comment));
      this.#expect(";");
    }
    this.#expect("}");
    if (this.#types.has(name)) throw new Error(`${name} is declared twice.`);
    this.#types.set(name, { base, properties, comments });
  }

  #propertyType(space: string): Pick<TypedProperty, "type" | "collection"> {
    if (this.#peek() === "NullableOption") {
      this.#next();
      this.#expect("<");
      const inner = this.#propertyType(space);
      this.#expect(">");
      return inner;
    }
    const type = this.#reference(space);
    if (this.#peek() !== "[") return { type, collection: false };
    this.#expect("[", "]");
    return { type, collection: true };
  }

  /** A name as it is written here: plain, of a namespace, or of the whole behind its alias. */
  #reference(space: string): string {
    const parts = [this.#next()];
    while (this.#peek() === ".") {
      this.#next();
      parts.push(this.#next());
    }
    const [first = ""] = parts;
    if (primitives.has(first)) return first;
    if (this.#aliases.has(first)) return parts.slice(1).map(graphName).join(".");
    const name = parts.map(graphName).join(".");
    return parts.length > 1 ? name : space + name;
  }
}

/** A comment's text without its slashes and stars. */
function plainComment(comment: string): string {
  return comment
    .replaceAll(/\/\*+|\*+\/|^\s*\/\/|\n\s*\*(?!\/)/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
}

const loaded = new Map<GraphVersion, GraphTypings>();

/** Microsoft's names in a version, read once. */
export function graphTypings(version: GraphVersion): GraphTypings {
  let typings = loaded.get(version);
  if (!typings) {
    const file = createRequire(import.meta.url).resolve(`${packages[version]}/microsoft-graph.d.ts`);
    typings = new GraphTypings(readFileSync(file, "utf8"));
    loaded.set(version, typings);
  }
  return typings;
}
