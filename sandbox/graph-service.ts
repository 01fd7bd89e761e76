import type { Access } from "./access-token.ts";
import { respondAuditLog } from "./audit-logs.ts";
import { type CollectionSpec, type Family, granted } from "./collections.ts";
import { answerDeletedItems } from "./deleted-items.ts";
import type { FaultAction } from "./fault-rule.ts";
import { beLate, type Faults } from "./faults.ts";
import { errorBody, forbiddenInside, GraphError, intuneMessage, type RequestIds } from "./http-error.ts";
import { isObject } from "./json.ts";
import type { GraphLimits } from "./limits.ts";
import { searchOf } from "./odata-query.ts";
import type { RequestLog } from "./request-log.ts";
import { familyOf, type GraphPath, parsePath, phaseOf } from "./resource-path.ts";
import { type Content, respond } from "./respond.ts";
import { respondDefinitions } from "./setting-definitions.ts";
import { answerWrite } from "./write/answer-write.ts";
import type { MicrosoftContent } from "./write/tenant-objects.ts";

/** What goes back to the client, and how it is damaged on the way. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** JSON, or the content of a stream. Undefined: no body at all. */
  body: Content;
  damage?: "truncate" | "malformed" | "hang" | "reset";
}

/** One Graph request, alone or as part of a batch. */
interface GraphCall {
  access: Access;
  method: string;
  /** With version: `/beta/deviceManagement/…` */
  pathname: string;
  parameters: URLSearchParams;
  origin: string;
  ids: RequestIds;
  via: "direct" | "batch";
  signal: AbortSignal;
  /** What was sent, where anything was. */
  body: unknown;
  /** By name in small letters. */
  headers: Readonly<Record<string, string | undefined>>;
}

interface Services {
  faults: Faults;
  limits: GraphLimits;
  log: RequestLog;
  /** What Microsoft keeps for all tenants. */
  content: MicrosoftContent;
  /** Whether limits are enforced now. */
  enforced: () => boolean;
  now: () => number;
}

const FOREIGN_ORIGIN = "https://graph.attacker.example";

/** What of a collection or log decides who may read it. */
type Guarded = Pick<CollectionSpec, "permissions" | "family">;

/** The read permissions or their ReadWrite form. */
function permitted(spec: Guarded, roles: readonly string[]): boolean {
  return spec.permissions.some((permission) => granted(permission, roles));
}

function missingPermission(spec: Guarded, path: string, ids: RequestIds): GraphError {
  if (spec.family === "auditLogs") {
    return new GraphError(
      403,
      "Authentication_MSGraphPermissionMissing",
      `Calling principal does not have required MSGraph permissions ${spec.permissions.join(", ")}`,
    );
  }
  if (spec.family === "conditionalAccess") {
    const text = "You cannot perform the requested operation, required scopes are missing in the token.";
    return new GraphError(403, "AccessDenied", text);
  }
  if (spec.family === "policies" || spec.family === "directory") {
    return new GraphError(
      403,
      "Authorization_RequestDenied",
      "Insufficient privileges to complete the operation.",
    );
  }
  const scopes = spec.permissions.flatMap((name) => [name, name.replace(".Read.", ".ReadWrite.")]);
  const text =
    "Application is not authorized to perform this operation. Application must have one of the following scopes: " +
    scopes.join(", ");
  return new GraphError(403, "Forbidden", intuneMessage(text, path, ids));
}

function throttled(
  family: Family,
  path: string,
  ids: RequestIds,
  retryAfter: number | undefined,
): GraphError {
  const text = "Too many requests";
  return new GraphError(
    429,
    "TooManyRequests",
    family === "intune" ? intuneMessage(text, path, ids) : text,
    retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) },
  );
}

/** The refusal that a fault asks for, when it asks for one. */
function refusal(action: FaultAction, path: GraphPath, ids: RequestIds): GraphError | undefined {
  switch (action.kind) {
    case "status":
      return new GraphError(
        action.status,
        action.code ?? defaultCode(action.status),
        action.message ?? "Injected by the sandbox.",
        action.retryAfter === undefined ? {} : { "Retry-After": String(action.retryAfter) },
      );
    case "permissionRevoked": {
      const spec = path.resource?.spec ?? path.auditLog?.spec ?? path.definitions?.spec;
      return spec
        ? missingPermission(spec, path.path, ids)
        : new GraphError(403, "Forbidden", "Insufficient privileges to complete the operation.");
    }
    case "forbiddenAs401":
      return forbiddenInside(path.path, ids);
    default:
      return undefined;
  }
}

const CODES: Record<number, string> = {
  400: "BadRequest",
  401: "InvalidAuthenticationToken",
  403: "Forbidden",
  404: "ResourceNotFound",
  429: "TooManyRequests",
  500: "InternalServerError",
  502: "BadGateway",
  503: "ServiceUnavailable",
  504: "GatewayTimeout",
  509: "BandwidthLimitExceeded",
};

export function defaultCode(status: number): string {
  return CODES[status] ?? "UnknownError";
}

/** Changes a right answer as the fault says; shared with the token endpoint. */
export function damaged(
  answer: Answer,
  action: FaultAction | undefined,
  url: string,
  ids: RequestIds,
): Answer {
  const { body } = answer;
  switch (action?.kind) {
    case "hang":
    case "reset":
    case "truncate":
    case "malformed":
      return { ...answer, damage: action.kind };
    case "empty200":
      return { ...answer, status: 200, body: undefined };
    case "errorWith200": {
      const error = {
        code: action.code ?? "InternalServerError",
        message: action.message ?? "Injected by the sandbox.",
      };
      return { ...answer, status: 200, body: errorBody(error, ids) };
    }
    case "foreignNextLink":
    case "nextLinkLoop":
    case "dropItems": {
      if (!isObject(body) || !Array.isArray(body.value)) return answer;
      const { "@odata.nextLink": _, ...rest } = body;
      if (action.kind === "dropItems")
        return { ...answer, body: { ...rest, value: body.value.slice(0, action.keep) } };
      const { pathname, search, origin } = new URL(url);
      const link = new URL(
        pathname + search,
        action.kind === "foreignNextLink" ? (action.origin ?? FOREIGN_ORIGIN) : origin,
      );
      return { ...answer, body: { ...rest, "@odata.nextLink": link.href } };
    }
    default:
      return answer;
  }
}

/** Answers Graph requests of one sandbox. */
export class GraphService {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Judges faults, limits and permission, then answers; every call makes one record in the log. */
  async answer(call: GraphCall): Promise<Answer> {
    const { faults, log, now } = this.#services;
    const path = parsePath(call.pathname);
    if (!path) return this.#refuse(new GraphError(400, "BadRequest", "Invalid version."), call.ids);
    const record = {
      at: now(),
      tenant: call.access.tenant.id,
      phase: phaseOf(path, call.parameters),
      family: familyOf(path),
      version: path.version,
      path: path.path,
      query: searchOf(call.parameters),
      via: call.via,
    };
    const query = [...call.parameters].map(([name, value]) => `${name}=${value}`).join("&");
    const { late, action } = faults.meet({ ...record, query, method: call.method });
    await beLate(late, call.signal);
    const url = `${call.origin}${call.pathname}${record.query === "" ? "" : `?${record.query}`}`;
    const right = this.#judge(call, path, action);
    const answer = damaged(right, action, url, call.ids);
    const cut = answer.damage === "hang" || answer.damage === "reset";
    log.add({
      ...record,
      status: cut ? 0 : answer.status,
      fault: action?.kind ?? (late.length > 0 ? "latency" : undefined),
    });
    return answer;
  }

  #judge(call: GraphCall, path: GraphPath, action: FaultAction | undefined): Answer {
    const { access, ids } = call;
    access.tenant.publishing.publish();
    try {
      const injected = action && refusal(action, path, ids);
      if (injected) throw injected;
      const family = familyOf(path);
      if (this.#services.enforced()) {
        const over = this.#services.limits.admit(
          family,
          access.tenant.id,
          access.clientId,
          path.path,
          this.#services.now(),
          call.method !== "GET",
        );
        if (over && family !== "other") throw throttled(family, path.path, ids, over.retryAfter);
      }
      const { resource, auditLog, definitions, deletedItems } = path;
      if (deletedItems) {
        const { tenant, roles } = access;
        const { version } = path;
        const { method, origin } = call;
        const target = deletedItems;
        const body = answerDeletedItems({ target, tenant, roles, method, version, origin });
        return { status: 200, headers: {}, body };
      }
      if (call.method !== "GET" && !auditLog && !definitions) {
        const { content } = this.#services;
        const { method, body, headers } = call;
        const { tenant, roles } = access;
        const written = answerWrite({ tenant, roles, content, method, graphPath: path, body, headers, ids });
        return { status: written.status, headers: {}, body: written.body };
      }
      const spec = resource?.spec ?? auditLog?.spec ?? definitions?.spec;
      if (!spec?.versions.includes(path.version)) {
        const segment = spec ? (spec.path.split("/").at(-1) ?? "") : path.unknown;
        throw new GraphError(400, "BadRequest", `Resource not found for the segment '${segment}'.`);
      }
      if (!permitted(spec, access.roles)) throw missingPermission(spec, path.path, ids);
      if (call.method !== "GET") {
        throw new GraphError(
          405,
          "MethodNotAllowed",
          `${auditLog ? "An audit log is" : "Definitions are"} read-only.`,
          {
            Allow: "GET",
          },
        );
      }
      const body = this.#body(call, path);
      return { status: body === undefined ? 204 : 200, headers: {}, body };
    } catch (error) {
      if (error instanceof GraphError) return this.#refuse(error, ids);
      throw error;
    }
  }

  #body({ access, parameters, origin, ids, headers }: GraphCall, graphPath: GraphPath): Content {
    const { tenant, roles } = access;
    const { resource, auditLog, definitions, version, path } = graphPath;
    if (resource) {
      const { store, id: tenantId } = tenant;
      const eventual = headers.consistencylevel?.toLowerCase() === "eventual";
      return respond({ store, tenantId, graphPath, resource, parameters, origin, ids, roles, eventual });
    }
    if (definitions) {
      const { content } = this.#services;
      return respondDefinitions({ ...definitions, tenant, content, version, path, parameters, origin, ids });
    }
    if (!auditLog) throw new Error("judged to be neither a collection nor a log");
    const { spec: log, id } = auditLog;
    return respondAuditLog({
      log,
      id,
      records: tenant.auditTrail.records,
      version,
      path,
      parameters,
      origin,
      ids,
    });
  }

  #refuse(error: GraphError, ids: RequestIds): Answer {
    return { status: error.status, headers: error.headers, body: errorBody(error, ids) };
  }
}
