import { z } from "zod";
import { collectionAt } from "./collections.ts";
import { faultRuleSchema } from "./fault-rule.ts";
import type { Faults } from "./faults.ts";
import type { Answer } from "./graph-service.ts";
import type { Json } from "./json.ts";
import type { LoadReport } from "./load.ts";
import type { RequestLog } from "./request-log.ts";
import type { TenantState } from "./tenant.ts";

/** The parts of a sandbox that can be steered over HTTP. */
interface Controlled {
  readonly url: string;
  readonly loginUrl: string;
  readonly caCertificate: string;
  readonly requests: RequestLog;
  readonly faults: Faults;
  readonly tenants: ReadonlyMap<string, TenantState>;
  readonly loaded: LoadReport | undefined;
  readonly settings: { latencyMs: number; enforceLimits: boolean };
  configure(settings: { latencyMs?: number; enforceLimits?: boolean }): void;
  reset(): void;
}

interface ControlRequest {
  method: string;
  url: URL;
  text: string;
}

/** A refusal of the control endpoint: says what is wrong and where. */
class ControlError extends Error {
  readonly status: number;
  readonly code: string;
  readonly issues: { path: string; message: string }[];

  constructor(status: number, code: string, message: string, issues: ControlError["issues"] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.issues = issues;
  }
}

const amount = z.number().int().min(0).max(100_000).optional();
const driftSchema = z.strictObject({
  change: amount,
  touch: amount,
  add: amount,
  remove: amount,
  gone: amount,
  collection: z
    .string()
    .refine((path) => collectionAt(path) !== undefined && collectionAt(path)?.viewOf === undefined, {
      message: "no such collection; name it as deviceManagement/configurationPolicies",
    })
    .optional(),
  seed: z.number().int().optional(),
});
const permissionsSchema = z.strictObject({ permissions: z.array(z.string().min(1)) });
const approvalsSchema = z.strictObject({ required: z.boolean(), forbids: z.boolean().default(false) });
const settingsSchema = z.strictObject({
  latencyMs: z.number().int().min(0).max(600_000).optional(),
  enforceLimits: z.boolean().optional(),
});

function parsed<T>(schema: z.ZodType<T>, text: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text === "" ? "{}" : text);
  } catch {
    throw new ControlError(400, "BROKEN_JSON", "The body is not JSON.");
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
  throw new ControlError(422, "INVALID", "The body does not fit.", issues);
}

function ok(value: unknown, status = 200): Answer {
  return { status, headers: {}, body: JSON.parse(JSON.stringify(value)) as Json };
}

function overview(sandbox: Controlled): Answer {
  return ok({
    url: sandbox.url,
    loginUrl: sandbox.loginUrl,
    settings: sandbox.settings,
    tenants: [...sandbox.tenants.values()].map((tenant) => ({
      entraTenantId: tenant.id,
      displayName: tenant.config.displayName ?? null,
      clientId: tenant.config.clientId,
      permissions: tenant.permissions,
      collections: Object.fromEntries(
        tenant.store.collections().map((store) => [store.spec.path, store.count()]),
      ),
    })),
    ...(sandbox.loaded && {
      loaded: {
        folder: sandbox.loaded.folder,
        files: sandbox.loaded.files.length,
        skipped: sandbox.loaded.skipped,
      },
    }),
  });
}

type Route = (sandbox: Controlled, request: ControlRequest, name: string) => Answer;

function tenantNamed(sandbox: Controlled, name: string): TenantState {
  const tenant = sandbox.tenants.get(name.toLowerCase());
  if (!tenant) throw new ControlError(404, "NO_TENANT", `The sandbox has no tenant ${name}.`);
  return tenant;
}

/** `GET path` → what happens; `:name` stands for one segment. */
const ROUTES: Record<string, Route> = {
  "GET /_sandbox": overview,
  "GET /_sandbox/ca.pem": (sandbox) => ({
    status: 200,
    headers: { "Content-Type": "application/x-pem-file" },
    body: sandbox.caCertificate,
  }),
  "GET /_sandbox/requests": (sandbox, { url }) => {
    const entries = Number(url.searchParams.get("entries") ?? 0);
    const recent = entries > 0 ? { entries: sandbox.requests.entries().slice(-entries) } : {};
    return ok({ ...sandbox.requests.counters, ...recent });
  },
  "DELETE /_sandbox/requests": (sandbox) => {
    sandbox.requests.clear();
    return ok({});
  },
  "GET /_sandbox/faults": (sandbox) => ok({ faults: sandbox.faults.list() }),
  "POST /_sandbox/faults": (sandbox, { text }) => ok(sandbox.faults.add(parsed(faultRuleSchema, text)), 201),
  "DELETE /_sandbox/faults": (sandbox) => {
    sandbox.faults.clear();
    return ok({});
  },
  "DELETE /_sandbox/faults/:name": (sandbox, _, name) => {
    if (!sandbox.faults.remove(name)) throw new ControlError(404, "NO_FAULT", `There is no fault ${name}.`);
    return ok({});
  },
  "PUT /_sandbox/settings": (sandbox, { text }) => {
    const { latencyMs, enforceLimits } = parsed(settingsSchema, text);
    sandbox.configure({
      ...(latencyMs !== undefined && { latencyMs }),
      ...(enforceLimits !== undefined && { enforceLimits }),
    });
    return ok(sandbox.settings);
  },
  "POST /_sandbox/reset": (sandbox) => {
    sandbox.reset();
    return ok({});
  },
  "POST /_sandbox/tenants/:name/drift": (sandbox, { text }, name) => {
    const tenant = tenantNamed(sandbox, name);
    const { collection, seed, ...counts } = parsed(driftSchema, text);
    const wanted = Object.entries(counts).filter(([, count]) => count !== undefined);
    return ok(
      tenant.drift({
        ...Object.fromEntries(wanted),
        ...(collection !== undefined && { collection }),
        ...(seed !== undefined && { seed }),
      }),
    );
  },
  "PUT /_sandbox/tenants/:name/permissions": (sandbox, { text }, name) => {
    const tenant = tenantNamed(sandbox, name);
    tenant.permissions = parsed(permissionsSchema, text).permissions;
    return ok({ permissions: tenant.permissions });
  },
  "PUT /_sandbox/tenants/:name/approvals": (sandbox, { text }, name) => {
    const { approvals } = tenantNamed(sandbox, name);
    const { required, forbids } = parsed(approvalsSchema, text);
    approvals.require(required, forbids);
    return ok({ required, waiting: approvals.waiting });
  },
  "POST /_sandbox/tenants/:name/approve": (sandbox, _, name) => {
    const { approvals } = tenantNamed(sandbox, name);
    const approved = approvals.waiting;
    for (const code of approved) approvals.approve(code);
    return ok({ approved });
  },
  "POST /_sandbox/tenants/:name/expire-secret": (sandbox, _, name) => {
    tenantNamed(sandbox, name).expireSecret();
    return ok({});
  },
  "POST /_sandbox/tenants/:name/expire-tokens": (sandbox, _, name) => {
    tenantNamed(sandbox, name).expireTokens();
    return ok({});
  },
};

function route(method: string, pathname: string): { handler: Route; name: string } {
  const path = pathname.replace(/\/$/, "");
  const fitting = Object.entries(ROUTES).flatMap(([key, handler]) => {
    const [verb, pattern = ""] = key.split(" ");
    const match = new RegExp(`^${pattern.replace(":name", "([^/]+)").replace(".", "\\.")}$`).exec(path);
    return match ? [{ verb, handler, name: decodeURIComponent(match[1] ?? "") }] : [];
  });
  const found = fitting.find(({ verb }) => verb === method);
  if (found) return found;
  if (fitting.length === 0) throw new ControlError(404, "NO_SUCH_PATH", `The sandbox has no ${path}.`);
  const verbs = fitting.map(({ verb }) => verb).join(", ");
  throw new ControlError(405, "METHOD_NOT_ALLOWED", `${path} takes ${verbs}.`);
}

/** Answers a request to `/_sandbox/…`; what is wrong comes back as 4xx with `error: {code, message, issues}`. */
export function answerControl(sandbox: Controlled, request: ControlRequest): Answer {
  try {
    const { handler, name } = route(request.method, request.url.pathname);
    return handler(sandbox, request, name);
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    const { code, message, issues } = error;
    return { status: error.status, headers: {}, body: { error: { code, message, issues } } };
  }
}
