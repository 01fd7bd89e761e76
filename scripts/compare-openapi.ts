import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

type Json = { [key: string]: unknown };
type Direction = "request" | "answer";

/** A part of a document, as far as it is compared. */
interface Schema extends Json {
  $ref?: string;
  type?: string | string[];
  nullable?: boolean;
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
}
interface Operation {
  operationId: string;
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}
export interface Description {
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}

const upperBounds = ["maximum", "maxLength", "maxItems"];
const lowerBounds = ["minimum", "minLength", "minItems"];

/**
 * What a client of an earlier description may trip over in a later one: what is gone, what is asked for that was not,
 * what is narrower. OpenAPI 3.0 and 3.1. Paths, methods, fields and values that are new break nobody.
 */
export function breakingChanges(before: Description, after: Description): string[] {
  const found: string[] = [];
  for (const [path, methods] of Object.entries(before.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const now = after.paths[path]?.[method];
      const where = `${method} ${path}`;
      if (now) compareOperations(operation, now, where);
      else found.push(`${where}: gone`);
    }
  }
  return found;

  function compareOperations(old: Operation, now: Operation, where: string): void {
    if (old.operationId !== now.operationId) found.push(`${where}: is called ${now.operationId}`);
    const key = (each: { name: string; in: string }) => `${each.in} ${each.name}`;
    const known = new Map((old.parameters ?? []).map((each) => [key(each), each]));
    const left = new Map((now.parameters ?? []).map((each) => [key(each), each]));
    for (const [name, parameter] of known) {
      const same = left.get(name);
      if (same) compare(parameter.schema, same.schema, `${where} ${name}`, "request");
      else found.push(`${where} ${name}: gone`);
    }
    for (const [name, { required }] of left)
      if (required && !known.get(name)?.required) found.push(`${where} ${name}: required`);
    const [oldBody, body] = [old.requestBody, now.requestBody];
    if (body?.required && !oldBody?.required) found.push(`${where} body: required`);
    compareContents(oldBody?.content, body?.content, `${where} body`, "request");
    for (const [status, { content }] of Object.entries(old.responses)) {
      const answer = now.responses[status];
      if (answer) compareContents(content, answer.content, `${where} ${status}`, "answer");
      else found.push(`${where} ${status}: gone`);
    }
  }

  function compareContents(
    old: Record<string, { schema: Schema }> | undefined,
    now: Record<string, { schema: Schema }> | undefined,
    where: string,
    direction: Direction,
  ): void {
    for (const [type, { schema }] of Object.entries(old ?? {})) {
      const same = now?.[type];
      if (same) compare(schema, same.schema, where, direction);
      else found.push(`${where} ${type}: gone`);
    }
  }

  function compare(oldSchema: Schema, nowSchema: Schema, where: string, direction: Direction): void {
    const [old, now] = [resolve(before, oldSchema), resolve(after, nowSchema)];
    const [given, taken] =
      direction === "request" ? [typesOf(old), typesOf(now)] : [typesOf(now), typesOf(old)];
    for (const type of given)
      if (taken.size > 0 && !taken.has(type) && !(type === "integer" && taken.has("number")))
        found.push(`${where}: ${direction === "request" ? "no longer takes" : "may be"} ${type}`);
    if (direction === "request") compareBounds(old, now, where);
    const [must, mustNow] = [new Set(old.required), new Set(now.required)];
    if (direction === "request") {
      for (const name of mustNow) if (!must.has(name)) found.push(`${where}.${name}: required`);
    } else for (const name of must) if (!mustNow.has(name)) found.push(`${where}.${name}: not always there`);
    for (const [name, field] of Object.entries(old.properties ?? {})) {
      const same = now.properties?.[name];
      if (same) compare(field, same, `${where}.${name}`, direction);
      else found.push(`${where}.${name}: gone`);
    }
    if (old.items && now.items) compare(old.items, now.items, `${where}[]`, direction);
    if (typeof old.additionalProperties === "object" && typeof now.additionalProperties === "object")
      compare(old.additionalProperties, now.additionalProperties, `${where}{}`, direction);
    if (old.anyOf && old.anyOf.length === now.anyOf?.length)
      for (const [index, one] of old.anyOf.entries())
        compare(one, now.anyOf[index] ?? {}, `${where}|${index}`, direction);
  }

  function compareBounds(old: Schema, now: Schema, where: string): void {
    if (now.enum) {
      const lost = old.enum?.filter((value) => !now.enum?.includes(value)) ?? ["anything else"];
      if (lost.length > 0) found.push(`${where}: no longer takes ${lost.join(", ")}`);
    }
    if (now.pattern !== undefined && now.pattern !== old.pattern) found.push(`${where}: another pattern`);
    for (const [names, sign] of [[upperBounds, 1] as const, [lowerBounds, -1] as const])
      for (const name of names) {
        const [was, is] = [old[name], now[name]];
        if (typeof is === "number" && (typeof was !== "number" || sign * is < sign * was))
          found.push(`${where}: ${name} ${was ?? "none"}, now ${is}`);
      }
  }
}

function resolve(description: Description, schema: Schema): Schema {
  const name = schema.$ref?.split("/").at(-1);
  return name === undefined ? schema : resolve(description, description.components?.schemas?.[name] ?? {});
}

/** The types that a schema names; none when it says nothing, or offers a choice of schemas. */
function typesOf({ type, nullable }: Schema): Set<string> {
  const named = [type ?? []].flat();
  return new Set(nullable && named.length > 0 ? [...named, "null"] : named);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [before, after] = process.argv.slice(2);
  if (!before || !after) throw new Error("Name two descriptions: the earlier and the later openapi.json.");
  const [old, now] = await Promise.all(
    [before, after].map(async (file) => JSON.parse(await readFile(file, "utf8")) as Description),
  );
  const changes = old && now ? breakingChanges(old, now) : [];
  for (const change of changes) console.log(change);
  console.log(`${changes.length} breaking changes.`);
  process.exitCode = changes.length > 0 ? 1 : 0;
}
