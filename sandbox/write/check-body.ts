import { GraphError } from "../http-error.ts";
import { type GraphObject, isObject, type Json, typeName } from "../json.ts";
import { schemas } from "../schema.ts";
import type { WriteSpec } from "./write-spec.ts";

/** A body, and what Graph holds it against. */
export interface BodyCheck {
  body: GraphObject;
  /** The type that the metadata gives the collection, short. */
  declared: string;
  spec: WriteSpec;
  /** The object as it is; undefined: it is to be made. */
  live: GraphObject | undefined;
  method: string;
  /** Whether the collection holds several types, so that the body must say of which it is. */
  polymorphic: boolean;
}

export function refuse(text: string): GraphError {
  return new GraphError(400, "BadRequest", text);
}

/**
 * Refuses a body as Graph does: properties that it does not know or sets by itself, types that do not fit.
 * @returns the short type of the object
 * @throws GraphError 400
 */
export function checkBody(check: BodyCheck): string {
  const { body, declared, spec, live, method, polymorphic } = check;
  const given = typeName(body);
  const type = live ? typeName(live) || declared : given || declared;
  // microsoftgraph/powershell-intune-samples#162 and TenuVault#24: a body without its type makes nothing.
  if (!live && polymorphic && (given === "" || given === declared))
    throw refuse(`Cannot create an abstract class. The type ${declared} is abstract.`);
  if (given !== "" && !schemas.beta.lineOf(given).includes(declared))
    throw refuse(`The type microsoft.graph.${given} is no microsoft.graph.${declared}.`);
  // learn.microsoft.com, OData: the type of an object is fixed.
  if (live && given !== "" && given !== type)
    throw refuse(`The @odata.type of the object is ${type}, and it cannot become ${given}.`);
  if (!live && spec.create?.only && !spec.create.only.includes(type))
    throw refuse(`An object of type ${type} cannot be created here.`);
  for (const name of spec.create?.required ?? [])
    if (!live && (body[name] ?? null) === null) throw refuse(`The property ${name} is required.`);
  const { takes } = spec.create ?? {};
  const untaken = Object.keys(body).find((name) => !name.startsWith("@") && takes && !takes.includes(name));
  if (!live && untaken !== undefined)
    throw refuse(`The property ${untaken} cannot be set when an object is created.`);
  for (const [name, value] of Object.entries(body)) {
    if (name.startsWith("@")) {
      // Context, etag and the like are Graph's to send: DSC, IBR PR#94 strip them after a 400.
      if (name !== "@odata.type") throw refuse(`The annotation ${name} is not expected in a request.`);
      continue;
    }
    const fault = propertyFault(check, type, name, value);
    if (fault !== null) throw refuse(fault);
  }
  if (method === "PATCH" && spec.patchable) {
    const refused = Object.keys(body).find(
      (name) => !name.startsWith("@") && !spec.patchable?.includes(name),
    );
    if (refused !== undefined) throw refuse(`The property ${refused} cannot be updated by PATCH.`);
  }
  for (const name of live ? (spec.fixed ?? []) : []) {
    if (name in body && !sameSent(body[name], live?.[name]))
      throw refuse(`The property ${name} cannot be changed.`);
  }
  return type;
}

function propertyFault(
  { spec, live, method }: BodyCheck,
  type: string,
  name: string,
  value: Json,
): string | null {
  if (name.includes("@") && !name.endsWith("@odata.bind"))
    return `The annotation ${name} is not expected in a request.`;
  if (spec.readOnly?.includes(name)) return `The property ${name} is read-only.`;
  if (!live && spec.notByPost?.includes(name))
    return `The property ${name} cannot be set when an object is created.`;
  if (live && method === "PATCH" && spec.notByPatch?.includes(name))
    return `The property ${name} cannot be updated by PATCH.`;
  const property = schemas.beta.propertiesOf(type).get(name.replace(/@odata\.bind$/, ""));
  if (!property)
    return schemas["v1.0"].propertiesOf(type).has(name)
      ? null
      : `Could not find a property named '${name}' on type 'microsoft.graph.${type}'.`;
  // CIPP#5275, CyberDrain#105, TenuVault#24: the commonest fault of tools that send back what they read.
  if (property.readOnly) return `The property ${name} is read-only.`;
  // Children are written at addresses of their own, unless the reference of the type says otherwise.
  if (schemas.beta.isEntity(property.type) && !spec.create?.inline?.includes(name) && !name.includes("@"))
    return isContained(name) ? null : `The navigation property ${name} cannot be written inline.`;
  return nestedFault(value, property.type);
}

/** Inside its policy, where Graph also shows it. */
function isContained(name: string): boolean {
  return name === "authenticationMethodConfigurations";
}

function nestedFault(value: Json, declared: string): string | null {
  if (Array.isArray(value)) {
    for (const element of value) {
      const fault = nestedFault(element, declared);
      if (fault !== null) return fault;
    }
    return null;
  }
  if (!isObject(value)) return null;
  const type = typeName(value) || declared;
  if (!schemas.beta.has(type)) return null;
  const properties = schemas.beta.propertiesOf(type);
  for (const [name, inner] of Object.entries(value)) {
    if (name === "@odata.type" || name.endsWith("@odata.bind")) continue;
    if (name.includes("@")) return `The annotation ${name} is not expected in a request.`;
    const property = properties.get(name);
    if (!property) {
      // A link to another object, which the schema here does not reach.
      if (name === "authenticationStrength") continue;
      if (schemas["v1.0"].propertiesOf(type).has(name)) continue;
      return `Could not find a property named '${name}' on type 'microsoft.graph.${type}'.`;
    }
    if (property.readOnly) return `The property ${name} is read-only.`;
    const fault = nestedFault(inner, property.type);
    if (fault !== null) return fault;
  }
  return null;
}

/** Whether what is sent says no more and nothing else than what is there. */
function sameSent(sent: Json | undefined, there: Json | undefined): boolean {
  if (isObject(sent) && isObject(there))
    return Object.entries(sent).every(([name, value]) => sameSent(value, there[name]));
  return JSON.stringify(sent) === JSON.stringify(there);
}
