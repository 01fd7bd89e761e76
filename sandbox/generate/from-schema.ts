import type { Navigations } from "../collections.ts";
import type { GraphObject, Json } from "../json.ts";
import type { Random } from "../random.ts";
import { schemas } from "../schema.ts";
import type { SchemaProperty } from "../schema-text.ts";
import {
  assignments,
  base64,
  description,
  plainAssignments,
  policyName,
  scopeTags,
  times,
} from "./common.ts";
import type { Kind, Making } from "./kind.ts";

const schema = schemas.beta;

/** Complex values nest so deep and no deeper. */
const DEEPEST = 3;

/** What a text of such a name holds; the first that fits. */
const TEXTS: readonly [RegExp, (random: Random) => Json][] = [
  [/AssignmentFilterId$/, () => null],
  // A text in beta, one of a few words in v1.0.
  [/^operations$/, () => "all"],
  // Graph gives these to nobody.
  [/password|secret|preSharedKey|sharedKey|token$|privateKey/i, () => null],
  [/DateTime$/, (random) => random.dateTime()],
  [/Date$/, (random) => random.dateTime().slice(0, 10)],
  [
    /TimeOfDay$|^(start|end)Time$|Time$/,
    (random) => `${String(random.int(0, 23)).padStart(2, "0")}:00:00.0000000`,
  ],
  [/Duration$|Period$|Interval$/i, (random) => `PT${random.int(1, 24)}H`],
  [/Ids?$/, (random) => random.guid()],
  [/ur[li]s?$/i, (random) => `https://${random.hex(6)}.contoso.example/`],
  [/email|principalName|mail$/i, (random) => `it-${random.hex(3)}@contoso.example`],
  [/ssid|networkName/i, (random) => `Contoso-${random.hex(3)}`],
  [/domain|server|host|fqdn|address/i, (random) => `${random.hex(5)}.contoso.example`],
  [/path|file$/i, (random) => `C:\\ProgramData\\Contoso\\${random.hex(4)}`],
  [/certificate$|xml|content|payload|image|icon|binary/i, (random) => base64(random.hex(120))],
  [/version/i, (random) => `${random.int(1, 14)}.${random.int(0, 9)}`],
];

function text(name: string, random: Random): Json {
  const make = TEXTS.find(([pattern]) => pattern.test(name))?.[1];
  if (make) return make(random);
  const words = name.replaceAll(/([A-Z])/g, " $1").toLowerCase();
  return `${words} ${random.hex(4)}`;
}

/** The type that an object of a declared type has: one below it, where there are any. */
function concrete(declared: string, random: Random): string {
  const [first, ...rest] = schema.derivedOf(declared);
  return first === undefined ? declared : concrete(random.pick([first, ...rest]), random);
}

function single(name: string, type: string, random: Random, depth: number): Json | undefined {
  if (type === "boolean") return random.chance(0.3);
  if (type === "number") return random.int(0, 30);
  if (type === "string") return text(name, random);
  const values = schema.valuesOf(type);
  if (values) {
    const [first, ...rest] = values;
    return first === undefined ? null : random.pick([first, ...rest]);
  }
  if (!schema.has(type)) return undefined;
  if (depth >= DEEPEST || random.chance(0.25)) return null;
  const actual = concrete(type, random);
  const value = filled(actual, random, depth + 1);
  return actual === type ? value : { "@odata.type": `#microsoft.graph.${actual}`, ...value };
}

function valuesOf(
  name: string,
  { type, collection }: SchemaProperty,
  random: Random,
  depth: number,
): Json | undefined {
  if (!collection) return single(name, type, random, depth);
  const count = depth >= DEEPEST ? 0 : random.int(0, 2);
  return Array.from({ length: count }, () => single(name, type, random, depth) ?? null).filter(
    (value) => value !== null,
  );
}

/**
 * Values for all properties of a type that Microsoft's typings tell, apart from its id and its children. Plausible by
 * type and name, and the same for the same stream of random values.
 */
export function filled(type: string, random: Random, depth = 0): GraphObject {
  const result: GraphObject = {};
  for (const [name, property] of schema.propertiesOf(type)) {
    if (name === "id" || schema.isEntity(property.type)) continue;
    const value = valuesOf(name, property, random, depth);
    if (value !== undefined) result[name] = value;
  }
  return result;
}

/** What people see first of an object, so far as its type has it. */
function common(making: Making, type: string, label: string): GraphObject {
  const random = making.random("common");
  const properties = schema.propertiesOf(type);
  const all: GraphObject = {
    ...times(random),
    displayName: policyName(making, label),
    name: policyName(making, label),
    description: description(random),
    roleScopeTagIds: scopeTags(making, random),
    deletedDateTime: null,
  };
  if (properties.get("version")?.type === "number") all.version = random.int(1, 12);
  return Object.fromEntries(Object.entries(all).filter(([name]) => properties.has(name)));
}

interface Shape {
  own?: (making: Making, random: Random) => GraphObject;
  /** Properties that the object itself does not tell: children in all but the typings, secrets. */
  without?: readonly string[];
  navigations?: Kind["navigations"];
  idPrefix?: string;
  idSuffix?: string;
}

/** A kind whose objects have every property of their type; `own` says what people look at. */
export function kindOf(type: string, label: string, shape: Shape = {}): Kind {
  const { own, without = [], navigations, ...ids } = shape;
  return {
    type,
    ...ids,
    props(making) {
      const all = {
        ...filled(type, making.random("filled")),
        ...common(making, type, label),
        ...own?.(making, making.random("own")),
      };
      return Object.fromEntries(Object.entries(all).filter(([name]) => !without.includes(name)));
    },
    navigations: { ...assigned(type), ...navigations },
  };
}

/** Assignments, where the type has any, in the shape that its own have. */
function assigned(type: string): Kind["navigations"] {
  const child = schema.propertiesOf(type).get("assignments")?.type;
  if (child === undefined) return {};
  const properties = schema.propertiesOf(child);
  if (properties.get("target")?.type !== "deviceAndAppManagementAssignmentTarget") {
    return { assignments: childrenOf(child, "assignments", [0, 2]) };
  }
  if (!properties.has("source")) return { assignments: plainAssignments };
  const intent: GraphObject =
    properties.get("intent")?.type === "deviceConfigAssignmentIntent" ? { intent: "apply" } : {};
  return { assignments: assignments(() => intent) };
}

/** Children of a type, as many as `range` allows. */
export function childrenOf(declared: string, part: string, [low, high]: [number, number]) {
  return (making: Making): Json => {
    const random = making.random(part);
    return Array.from({ length: random.int(low, high) }, (_, n) => childOf(declared, random, n));
  };
}

/** One object of a declared type, or of one below it, with an id. */
export function childOf(declared: string, random: Random, n: number): GraphObject {
  const type = concrete(declared, random);
  const properties = schema.propertiesOf(type);
  return {
    ...(type !== declared && { "@odata.type": `#microsoft.graph.${type}` }),
    ...(properties.has("id") && { id: random.guid() }),
    ...filled(type, random, 1),
    ...(properties.has("displayName") && { displayName: `Entry ${n + 1} ${random.hex(3)}` }),
  };
}

/**
 * What a type refers to by navigation property: each an object of a collection, where the tenant has one that fits.
 * @param names navigation properties, those of the collection's other types among them
 */
export function references(type: string, names: Navigations, collection: string): Kind["navigations"] {
  const properties = schema.propertiesOf(type);
  const own = Object.keys(names).flatMap((name) => {
    const property = properties.get(name);
    return property ? [{ name, ...property }] : [];
  });
  return Object.fromEntries(
    own.map(({ name, type: target, collection: many }) => [
      name,
      (making: Making): Json => {
        const random = making.random(name);
        const found = Array.from({ length: many ? 2 : 1 }, (_, n) =>
          making.world.oneOf(
            collection,
            (candidate) => schema.lineOf(candidate).includes(target),
            random.int(0, 50) + n,
          ),
        );
        const objects = found.filter(
          (object, at) => object && found.findIndex((one) => one?.id === object.id) === at,
        );
        const set = objects.flatMap((object) => object ?? []);
        return many ? set : (set[0] ?? null);
      },
    ]),
  );
}
