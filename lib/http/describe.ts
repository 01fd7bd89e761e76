import { z } from "zod";
import { type Permission, permissions } from "#lib/access/permissions";
import type { HttpBinding } from "#lib/http-binding";
import type { AnyOperation } from "#lib/operation";
import type { EndpointDescription } from "./endpoint.ts";
import { pathIdNames } from "./path-ids.ts";

/** Where an operation is served: its only address, or the one that is named. @throws Error when there is none such */
export function bindingOf(operation: AnyOperation, operationId?: string): HttpBinding {
  const bindings = [operation.definition.http ?? []].flat();
  const found = operationId ? bindings.filter((each) => each.operationId === operationId) : bindings;
  const [binding] = found;
  if (!binding || found.length > 1)
    throw new Error(`${operation.definition.name} has ${found.length} addresses ${operationId ?? ""}`);
  return binding;
}

/** The input's field that an id in a path is: `scheduleId` is `schedule_id`. */
export function fieldOf(pathId: string): string {
  return pathId.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** All that the OpenAPI document says of an address, from its operation. */
export function describeBinding(operation: AnyOperation, binding: HttpBinding): EndpointDescription {
  const { method, path, operationId, summary, description, tag, errors, bodyAs } = binding;
  const { definition } = operation;
  const { input, output } = definition;
  if (!(input instanceof z.ZodObject)) throw new Error(`${definition.name}: the input is no object`);
  const given = new Set([...pathIdNames(path).map(fieldOf), ...Object.keys(binding.fixed ?? {})]);
  const rest = Object.entries(input.shape as Record<string, z.ZodType>).filter(([name]) => !given.has(name));
  const shape = Object.fromEntries(rest);
  const query = method === "GET" ? (binding.query ?? z.strictObject(shape)) : undefined;
  const whole = rest.length === Object.keys(input.shape).length ? input : z.strictObject(shape);
  const restBody = bodyAs ? shape[bodyAs] : whole;
  const body = binding.body === undefined ? restBody : binding.body;
  const hasBody = method !== "GET" && rest.length > 0 && body;
  const schema = answerSchema(output, binding);
  return {
    path,
    id: operationId,
    summary,
    ...(description ? { description } : {}),
    tag,
    needs: isOwn(operation)
      ? (operation.definition.scope ?? "caller")
      : memberPermission(operation.definition),
    ...(query ? { query } : {}),
    ...(hasBody
      ? { body: { schema: body, ...(body.safeParse({}).success ? { optional: true as const } : {}) } }
      : {}),
    answer: {
      status: binding.status ?? 200,
      description: binding.answer,
      ...(schema ? { schema } : {}),
      ...(binding.mediaType ? { mediaType: binding.mediaType } : {}),
      ...(binding.paged ? { paged: true as const } : {}),
    },
    ...(errors ? { errors } : {}),
    ...(binding.version ? { etag: true as const } : {}),
    ...(binding.ifMatch ? { ifMatch: true as const } : {}),
    ...(binding.idempotent ? { idempotent: true as const } : {}),
  };
}

/** Whether an operation is on what is the caller's own, and in no tenant. */
export function isOwn(
  operation: AnyOperation,
): operation is Extract<AnyOperation, { definition: { actors: unknown } }> {
  return "actors" in operation.definition;
}

function memberPermission({ name, permission }: { name: string; permission: string }): Permission {
  if (!(permission in permissions)) throw new Error(`${name}: no member may call it`);
  return permission as Permission;
}

/** The schema of the JSON that goes out; undefined where none does. */
function answerSchema(output: z.ZodType | undefined, binding: HttpBinding): z.ZodType | undefined {
  if (!output || binding.status === 204 || binding.respond) return undefined;
  if (binding.paged && output instanceof z.ZodObject) return output.shape.items;
  if (binding.absent && output instanceof z.ZodNullable) return output.unwrap() as z.ZodType;
  return output;
}
