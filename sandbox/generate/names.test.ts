import { expect, it } from "vitest";
import {
  type GraphTypings,
  type GraphVersion,
  graphTypings,
  type TypedProperty,
} from "#lib/testing/graph-typings";
import { COLLECTIONS } from "../collections.ts";
import { isObject, type Json, typeName } from "../json.ts";
import { TenantStore } from "../store.ts";
import { generateTenant } from "./tenant.ts";

/** The typings have no functions: what they return, by name. */
const functions: Readonly<Record<string, string>> = {
  retrieveEnrollmentTimeDeviceMembershipTarget: "enrollmentTimeDeviceMembershipTargetResult",
};

const versions: readonly GraphVersion[] = ["beta", "v1.0"];

/** What a value has that Microsoft's typings do not know, as `type.property` or `type.property = value`. */
class Inspection {
  readonly #unknown = new Set<string>();
  readonly #seen = new Set<string>();
  values = 0;

  get unknown(): string[] {
    return [...this.#unknown].sort();
  }

  get properties(): number {
    return this.#seen.size;
  }

  object(value: Json, declared: string): void {
    if (!isObject(value)) return;
    const type = typeName(value) || declared;
    const known = versions.map(graphTypings).filter((typings) => typings.types.has(type));
    if (known.length === 0) {
      this.#unknown.add(type);
      return;
    }
    if (!known.some((typings) => typings.lineOf(type).includes(declared)))
      this.#unknown.add(`${type} is no ${declared}`);
    for (const [name, inner] of Object.entries(value)) {
      if (name === "@odata.type") continue;
      if (functions[name]) {
        this.object(inner, functions[name]);
        continue;
      }
      this.#seen.add(`${type}.${name}`);
      const properties = known.flatMap((typings) => {
        const property = typings.propertiesOf(type).get(name);
        return property ? [{ typings, property }] : [];
      });
      const [first] = properties;
      if (!first) this.#unknown.add(`${type}.${name}`);
      else this.#value(inner, `${type}.${name}`, first.property, properties);
    }
  }

  #value(
    value: Json,
    where: string,
    property: TypedProperty,
    all: readonly { typings: GraphTypings; property: TypedProperty }[],
  ): void {
    if (value === null) return;
    if (Array.isArray(value) !== property.collection) {
      this.#unknown.add(`${where} ${property.collection ? "is" : "is no"} list`);
      return;
    }
    for (const element of Array.isArray(value) ? value : [value]) {
      this.values += 1;
      const { type } = property;
      const allowed = all.flatMap(({ typings, property: { type: own } }) => typings.enums.get(own) ?? []);
      if (allowed.length > 0) {
        const parts = String(element).split(",");
        if (!parts.every((part) => allowed.includes(part))) this.#unknown.add(`${where} = ${element}`);
      } else if (type === "string" || type === "number" || type === "boolean") {
        if (typeof element !== type) this.#unknown.add(`${where} is ${typeof element}, not ${type}`);
      } else if (type !== "any") this.object(element, type);
    }
  }
}

it("holds only names and values that Microsoft's typings know", () => {
  const store = new TenantStore(generateTenant(11, 900), new Map());
  const inspection = new Inspection();
  for (const spec of COLLECTIONS.filter(({ viewOf }) => viewOf === undefined)) {
    const collection = store.collection(spec);
    for (const index of collection.indexes()) inspection.object(collection.whole(index), spec.types[0] ?? "");
  }
  expect(inspection.unknown).toEqual([]);
  expect(inspection.properties).toBeGreaterThan(500);
  expect(inspection.values).toBeGreaterThan(50_000);
});
