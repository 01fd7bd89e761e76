import type { Actor } from "#lib/access/actor";
import { AppError } from "#lib/errors";
import type { HttpBinding } from "#lib/http-binding";
import type { AnyOperation, CallTerms } from "#lib/operation";
import { bindingOf, describeBinding, fieldOf, isOwn } from "./describe.ts";
import { type Authenticate, type Endpoint, endpoint } from "./endpoint.ts";
import { withoutPrefix } from "./field-paths.ts";
import { type Route, route } from "./route.ts";
import { withIds } from "./with-ids.ts";

/** An operation at one of its addresses. */
export interface Served {
  operation: AnyOperation;
  binding: HttpBinding;
}

/** An operation at the address of this `operationId`, where it has several. @throws Error when it has none such */
export function at(operation: AnyOperation, operationId: string): Served {
  return { operation, binding: bindingOf(operation, operationId) };
}

/**
 * Makes the route of one path out of the operations that are served there, each by its method.
 * @throws Error when they are not all of one path
 */
export function serving(authenticate: Authenticate) {
  const endpointOf = ({ operation, binding }: Served): Endpoint => {
    if ((binding.ifMatch || binding.idempotent) && !isOfOneTransaction(operation))
      throw new Error(`${operation.definition.name} has no transaction that a condition could hold in`);
    return endpoint(authenticate, {
      ...describeBinding(operation, binding),
      call: async ({ actor, ids, query, body, signal, reauthenticate, terms }) => {
        const { tenantId = 0, ...below } = ids;
        // What is in no tenant may be on one.
        const others = isOwn(operation) ? ids : below;
        const given = {
          ...Object.fromEntries(Object.entries(others).map(([name, id]) => [fieldOf(name), id])),
          ...binding.fixed,
        };
        const input = inputOf(binding, query, body, given);
        const answer = callOf(operation, actor, tenantId, input, terms);
        const result = await (binding.bodyAs ? withoutPrefix(binding.bodyAs, answer) : answer);
        if (result === null && binding.absent) throw new AppError("NOT_FOUND", binding.absent);
        return binding.respond
          ? binding.respond(result, { actor, tenantId, input, signal, reauthenticate })
          : result;
      },
      location: binding.location,
      version: binding.version,
    });
  };

  return (...operations: (AnyOperation | Served)[]): Route => {
    const served = operations.map((each) =>
      "binding" in each ? each : { operation: each, binding: bindingOf(each) },
    );
    const paths = new Set(served.map(({ binding }) => binding.path));
    if (paths.size !== 1) throw new Error(`One route serves one path, not ${[...paths].join(" and ")}`);
    return route(Object.fromEntries(served.map((each) => [each.binding.method, endpointOf(each)])));
  };
}

function callOf(
  operation: AnyOperation,
  actor: Actor,
  tenantId: number,
  input: object,
  terms: CallTerms,
): Promise<unknown> {
  return isOwn(operation)
    ? operation(actor, input as never)
    : operation(actor, tenantId, input as never, terms);
}

/** Those that can be a part of another operation's transaction are of one themselves. */
function isOfOneTransaction(operation: AnyOperation): boolean {
  return "within" in operation;
}

/** The operation's input, out of the parts of a request. What is wrong with it the operation says. */
function inputOf(
  binding: HttpBinding,
  query: Record<string, unknown>,
  body: unknown,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  if (binding.bodyAs) return { ...given, [binding.bodyAs]: body };
  if (body === undefined) return { ...query, ...given };
  return withIds(body as Record<string, unknown>, given);
}
