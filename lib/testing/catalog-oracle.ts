import type { Child, PolicyType, Selector } from "#lib/policies/policy-type";
import { type GraphTypings, type GraphVersion, graphTypings, type TypedProperty } from "./graph-typings.ts";

/** What the comparison found, and how much it compared. */
export interface OracleReport {
  /** `type: fault`, in the catalog's order. */
  faults: string[];
  compared: { types: number; derivedTypes: number; properties: number; names: number };
}

/** The typings declare types, and no entry points: what the first segment of a path is. */
const roots: Readonly<Record<string, TypedProperty>> = {
  deviceManagement: { type: "deviceManagement", collection: false, readOnly: false },
  deviceAppManagement: { type: "deviceAppManagement", collection: false, readOnly: false },
  identity: { type: "identityContainer", collection: false, readOnly: false },
  policies: { type: "policyRoot", collection: false, readOnly: false },
  roleManagement: { type: "roleManagement", collection: false, readOnly: false },
  directory: { type: "directory", collection: false, readOnly: false },
  organization: { type: "organization", collection: true, readOnly: false },
  groupSettings: { type: "groupSetting", collection: true, readOnly: false },
  groupLifecyclePolicies: { type: "groupLifecyclePolicy", collection: true, readOnly: false },
};

/** What a type is compared with when the typings do not have its path, and why they do not. */
export interface Lacking {
  why: string;
  /** The type that the path serves; null when it is not in the typings either. */
  type: string | null;
}

/**
 * Holds catalog entries against Microsoft's typings: every name that the catalog asks for exists in the version that it
 * reads, and nothing that beta has is lost by reading another version, unless the entry gives its reason.
 * @param lacking by path, what the typings lack
 * @param unclaimed derived types, by path, that no entry captures on purpose
 */
export function holdAgainstTypings(
  catalog: readonly PolicyType[],
  lacking: Readonly<Record<string, Lacking>>,
  unclaimed: Readonly<Record<string, readonly string[]>> = {},
): OracleReport {
  const oracle = new Oracle(lacking);
  for (const type of catalog) oracle.judge(type);
  oracle.judgeSelectors(catalog, unclaimed);
  return oracle.report();
}

class Oracle {
  readonly #lacking: Readonly<Record<string, Lacking>>;
  readonly #faults: string[] = [];
  readonly #names = new Set<string>();
  readonly #derived = new Set<string>();
  readonly #properties = new Set<string>();
  #types = 0;
  #key = "";

  constructor(lacking: Readonly<Record<string, Lacking>>) {
    this.#lacking = lacking;
  }

  report(): OracleReport {
    const compared = {
      types: this.#types,
      derivedTypes: this.#derived.size,
      properties: this.#properties.size,
      names: this.#names.size,
    };
    return { faults: this.#faults, compared };
  }

  #fault(text: string): void {
    this.#faults.push(`${this.#key}: ${text}`);
  }

  judge(type: PolicyType): void {
    this.#key = type.key;
    this.#types += 1;
    const typings = graphTypings(type.version);
    const declared = this.#declaredType(type.path, type.single, type.version);
    if (type.declares !== declared) this.#fault(`declares ${type.declares}, and the typings say ${declared}`);
    if (declared === null) return;
    for (const name of typings.derivedOf(declared)) this.#derived.add(`${type.version} ${name}`);
    const at: Place = { typings, version: type.version };
    this.#selectors(at, declared, type.selectors);
    if (!type.single || type.idProperty !== "id")
      this.#property(at, declared, type.idProperty, "id property");
    for (const name of type.selectOnly) this.#property(at, declared, name, "selectOnly");
    for (const name of [...type.volatile, ...type.secrets, ...type.writeOnly]) {
      this.#somewhere(at, declared, name);
    }
    this.#query(at, declared, type.listQuery ?? "");
    if (type.listExpand !== null) this.#expand(at, declared, type.listExpand);
    for (const child of type.children) this.#child(at, declared, child);
    for (const [name, { path, children }] of Object.entries(type.typed ?? {})) {
      if (!typings.lineOf(name).includes(declared)) this.#fault(`typed ${name} is no ${declared}`);
      const served = this.#declaredType(path, false, type.version);
      if (served !== null && served !== name) this.#fault(`${path} serves ${served}, not ${name}`);
      for (const child of children) this.#child(at, name, child);
    }
    if (type.version !== "beta") this.#losses(type, declared);
  }

  /** Every type below a collection is captured by some entry: a new one must not be dropped without a word. */
  judgeSelectors(
    catalog: readonly PolicyType[],
    unclaimed: Readonly<Record<string, readonly string[]>>,
  ): void {
    for (const [path, types] of Map.groupBy(catalog, ({ path }) => path)) {
      const [first] = types;
      if (!first || types.some(({ selectors }) => selectors.length === 0)) continue;
      this.#key = types.map(({ key }) => key).join("|");
      const declared = typeAtPath(path, first.version);
      if (!declared) continue;
      for (const name of graphTypings(first.version).derivedOf(declared.type)) {
        const claimed = types.some(({ selectors }) =>
          selectors.every(
            ({ property, equals = [], negated }) =>
              property !== "@odata.type" ||
              equals.includes(`#microsoft.graph.${name}`) !== (negated ?? false),
          ),
        );
        if (!claimed && !unclaimed[path]?.includes(name)) this.#fault(`${name} is captured by none of them`);
      }
    }
  }

  #declaredType(path: string, single: boolean, version: GraphVersion): string | null {
    this.#names.add(`${version} ${path}`);
    const known = this.#lacking[path];
    const found = typeAtPath(path, version);
    if (known) {
      if (found) this.#fault(`${path} is in the typings by now`);
      if (known.type !== null && !graphTypings(version).types.has(known.type))
        this.#fault(`${path}: the typings have no ${known.type}`);
      return known.type;
    }
    if (!found) {
      this.#fault(`${version} has no ${path}`);
      return null;
    }
    if (found.collection === single)
      this.#fault(`${path} is ${single ? "a collection" : "one object"} in ${version}`);
    return found.type;
  }

  #property(at: Place, owner: string, name: string, what: string): TypedProperty | undefined {
    this.#names.add(`${at.version} ${owner} ${name}`);
    const property = at.typings.propertiesOf(owner).get(name);
    if (!property) this.#fault(`${what} ${name}: ${owner} has none in ${at.version}`);
    return property;
  }

  /** A property of the type or of one below it; nested with slashes. */
  #somewhere(at: Place, owner: string, path: string): void {
    this.#names.add(`${at.version} ${owner} ${path}`);
    let owners = [owner];
    for (const name of path.split("/")) {
      const found = owners
        .flatMap((type) => [type, ...at.typings.derivedOf(type)])
        .flatMap((type) => at.typings.propertiesOf(type).get(name) ?? []);
      if (found.length === 0) {
        this.#fault(`${path}: no ${owner} has it in ${at.version}`);
        return;
      }
      owners = [...new Set(found.map(({ type }) => type))];
    }
  }

  #selectors(at: Place, declared: string, selectors: readonly Selector[]): void {
    for (const { property, equals = [] } of selectors) {
      if (property !== "@odata.type") {
        this.#somewhere(at, declared, property.replaceAll(".", "/"));
        continue;
      }
      for (const value of equals) {
        const name = value.replace(/^#microsoft\.graph\./, "");
        this.#names.add(`${at.version} ${name}`);
        if (!at.typings.lineOf(name).includes(declared))
          this.#fault(`selector ${value}: no type below ${declared} in ${at.version}`);
      }
    }
  }

  #child(at: Place, owner: string, child: Child): void {
    const segment = child.path ?? child.key;
    if (functions[segment] !== undefined) return;
    this.#selectors(at, owner, child.when ? [child.when] : []);
    for (const name of child.of ?? []) {
      if (!at.typings.lineOf(name).includes(owner))
        this.#fault(`${segment} of ${name}, which is no ${owner}`);
    }
    for (const type of child.of ?? [owner]) {
      const property = this.#property(at, type, segment, "child");
      if (!property) continue;
      if (property.collection === (child.shape !== undefined))
        this.#fault(`child ${segment} of ${type} is ${property.collection ? "a collection" : "one object"}`);
      if (child.announcedBy !== undefined) this.#property(at, type, child.announcedBy, "announcedBy");
      for (const name of child.whenPositive ?? []) this.#property(at, type, name, "whenPositive");
      if (!at.typings.types.has(property.type)) continue;
      if (child.reference && !at.typings.isNavigation(property))
        this.#fault(`child ${segment} of ${type} leads to no other object`);
      if (child.keep) this.#somewhere(at, property.type, child.keep.property);
      this.#query(at, property.type, child.query ?? "");
      for (const below of child.children ?? []) this.#child(at, property.type, below);
      if (child.wholeAt !== undefined) {
        const whole = typeAtPath(child.wholeAt, at.version);
        if (!whole?.collection || !at.typings.lineOf(whole.type).includes(property.type))
          this.#fault(`${child.wholeAt} does not serve ${property.type}`);
        else this.#query(at, whole.type, child.wholeQuery ?? "");
      }
    }
  }

  #query(at: Place, owner: string, query: string): void {
    for (const option of query.split("&").filter((part) => part !== "")) {
      const [name, value = ""] = option.split(/=(.*)/s);
      if (name === "$expand") this.#expand(at, owner, value);
      else if (name === "$select")
        for (const property of value.split(",")) this.#somewhere(at, owner, property);
      else if (name === "$filter")
        for (const [, path = ""] of value.matchAll(/([\w./]+)\s+(?:eq|ne|in)\s/g))
          this.#castPath(at, owner, path);
      else if (name !== "$top") this.#fault(`the option ${name} is not known`);
    }
  }

  /** `microsoft.graph.type/property` or `property`. */
  #castPath(at: Place, owner: string, path: string): TypedProperty | undefined {
    const [, cast, name = path] = /^microsoft\.graph\.(\w+)\/(.+)$/.exec(path) ?? [];
    if (cast !== undefined && !at.typings.lineOf(cast).includes(owner)) this.#fault(`${cast} is no ${owner}`);
    return this.#property(at, cast ?? owner, name, "query");
  }

  #expand(at: Place, owner: string, expand: string): void {
    for (const item of splitTop(expand)) {
      const [, name = "", options = ""] = /^([\w./]+)(?:\((.*)\))?$/.exec(item) ?? [];
      const property = this.#castPath(at, owner, name);
      if (!property) continue;
      if (!at.typings.isNavigation(property))
        this.#fault(`$expand=${name}: no navigation property of ${owner}`);
      this.#query(at, property.type, options);
    }
  }

  /** What beta has and the version that is read lacks: derived types and properties, nested ones too. */
  #losses(type: PolicyType, declared: string): void {
    const beta = graphTypings("beta");
    const read = graphTypings(type.version);
    const whole = typeAtPath(type.path, "beta")?.type ?? declared;
    const seen = new Set<string>();
    const lost: string[] = [];
    const visit = (name: string, known: string) => {
      if (seen.has(name)) return;
      seen.add(name);
      if (!read.types.has(known)) {
        lost.push(name);
        return;
      }
      const has = read.propertiesOf(known);
      for (const [property, value] of beta.propertiesOf(name)) {
        if (beta.isNavigation(value)) continue;
        this.#properties.add(`${name}.${property}`);
        const same = has.get(property);
        if (!same) lost.push(`${name}.${property}`);
        else if (beta.types.has(value.type)) {
          for (const inner of [value.type, ...beta.derivedOf(value.type)])
            visit(inner, inner === value.type ? same.type : inner);
        }
      }
    };
    for (const name of [whole, ...beta.derivedOf(whole)]) {
      this.#derived.add(`beta ${name}`);
      visit(name, name === whole ? declared : name);
    }
    if (lost.length > 0 && type.versionReason === null)
      this.#fault(`read from ${type.version}, loses ${lost.length} of beta: ${lost.join(", ")}`);
    if (lost.length === 0 && type.versionReason !== null)
      this.#fault("gives a reason for a loss that is none");
  }
}

/** What a path serves in a version: a type, one of it or many; null where the typings have no such path. */
export function typeAtPath(path: string, version: GraphVersion): TypedProperty | null {
  const [root = "", ...rest] = path.split("/");
  let here = roots[root];
  const typings = graphTypings(version);
  for (const segment of rest) {
    if (!here) return null;
    if (here.collection) {
      // The id of one of them.
      if (!/^\{\w+\}$/.test(segment)) return null;
      here = { type: here.type, collection: false, readOnly: false };
    } else here = typings.propertiesOf(here.type).get(segment);
  }
  return here && typings.types.has(here.type) ? here : null;
}

interface Place {
  typings: GraphTypings;
  version: GraphVersion;
}

/** Functions bound to an object: typings have no functions. */
const functions: Readonly<Record<string, string>> = {
  retrieveEnrollmentTimeDeviceMembershipTarget: "returns enrollmentTimeDeviceMembershipTargetResult",
};

/** Splits at commas outside parentheses. */
function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (const [at, char] of [...text].entries()) {
    if (char === "(") depth += 1;
    if (char === ")") depth -= 1;
    if (char === "," && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}
