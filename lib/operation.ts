import { z } from "zod";
import type { Actor } from "#lib/access/actor";
import {
  archivePermissions,
  can,
  type Permission,
  permissions as permissionTable,
  personPermissions,
  type Role,
  type SystemPermission,
} from "#lib/access/permissions";
import type { AuditEntryInput } from "#lib/audit/entry";
import { recordSecurityEvent } from "#lib/audit/security";
import { writeAuditEntries } from "#lib/audit/write";
import { type Tx, takeRole, transaction } from "#lib/db/transaction";
import { AppError, type FieldError, httpStatus } from "#lib/errors";
import { currentRequest } from "#lib/request-context";
import { unstorablePath } from "#lib/storable-text";
import { traced } from "#lib/tracing";
import type { HttpBinding } from "./http-binding.ts";

/** What an operation works with. Everything in it is bound to one tenant and one transaction. */
export interface OperationContext {
  db: Tx;
  tenant: { id: number; name: string; is_archived: boolean };
  actor: ResolvedActor;
  /** The database's clock at the start of the transaction: the only clock that decides. */
  now: Date;
  /** Notes one audit entry; it is written in this transaction, just before the commit. */
  audit(entry: AuditEntryInput): void;
  /** Says that a `write` changed nothing this time, so that there is nothing to audit. */
  unchanged(): void;
  /** Has something told once the transaction is committed, and not at all if it is not: counts, lines of the log. */
  afterCommit(tell: () => void): void;
  /**
   * Holds the version of what is acted upon, whose row is locked, against those that the caller allows.
   * @throws AppError PRECONDITION_FAILED
   */
  requireVersion(version: number): void;
}

/** What a caller makes one call depend on, beside its input. All of it holds in the transaction of the work. */
export interface CallTerms {
  /** Judges the version of what the operation acts upon. @throws AppError PRECONDITION_FAILED */
  requireVersion?(version: number): void;
  /**
   * Runs around the work, once the caller may do it and the input is good: does something before it and after it, or
   * throws in its place.
   */
  around?<R>(context: Pick<OperationContext, "db" | "tenant" | "actor">, work: () => Promise<R>): Promise<R>;
}

/** The actor as this transaction finds it. A system actor has no role. */
export interface ResolvedActor {
  kind: Actor["kind"];
  id: number | null;
  name: string;
  role: Role | null;
}

interface Contract<S extends z.ZodType, R> {
  /** `schedule.create`: the operation's name in logs and in the generated matrix. */
  name: string;
  permission: Permission | SystemPermission;
  /** Strict object schema of the input. */
  input: S;
  /** Strict schema of what it answers, `z.void()` for nothing. Answers are held to it in development and in tests. */
  output: z.ZodType<R>;
  /** Where it is served over HTTP, if it is. */
  http?: HttpBinding<NoInfer<R>> | readonly HttpBinding<NoInfer<R>>[];
}

interface Definition<S extends z.ZodType, R> extends Contract<S, R> {
  /**
   * `read` runs in a read-only transaction. `write` must leave an audit entry (or say that nothing changed),
   * or it is rolled back.
   * `quiet` changes nothing that history needs: the caller's own view of things (mark as read), or a run's
   * work in progress, whose end is audited.
   */
  effect: "read" | "write" | "quiet";
  /**
   * It takes access to the tenant away, or a way to it: a `write` that is done in an archived tenant as well. One that could also
   * give some throws `archived()` there in place of that.
   */
  endsAccess?: true;
  /** Another database role for `run`; `retention` is the only one that may remove backup sets. */
  as?: "retention";
  /** Longest duration of the transaction, in milliseconds. */
  timeoutMs?: number;
  run(context: OperationContext, input: z.output<S>): Promise<NoInfer<R>>;
}

/** An operation: call it with who asks, in which tenant, and the raw input. */
export interface Operation<S extends z.ZodType = z.ZodType, R = unknown> {
  (actor: Actor, tenantId: number, input: z.input<S>): Promise<R>;
  definition: Contract<S, R>;
}

/** Any operation, to be described or served; whoever calls it vouches for nothing, since it parses its input itself. */
export type AnyOperation =
  | {
      (actor: Actor, tenantId: number, input: never, terms?: CallTerms): Promise<unknown>;
      definition: Contract<z.ZodType, unknown>;
    }
  | { (actor: Actor, input: never): Promise<unknown>; definition: OwnContract<z.ZodType, unknown> };

/** An operation of one transaction, which can be a part of another's. */
interface ComposableOperation<S extends z.ZodType, R> extends Operation<S, R> {
  (actor: Actor, tenantId: number, input: z.input<S>, terms?: CallTerms): Promise<R>;
  /**
   * Runs it inside another operation: in its transaction, by its actor, as part of what that one was allowed to do. The
   * permission asked for is the outer one's.
   * @throws AppError VALIDATION_FAILED, and whatever `run` throws
   */
  within(context: OperationContext, input: z.input<S>): Promise<R>;
}

/** What an operation in steps works with: who asks and where, as looked up before the first step. */
export interface StepsContext {
  /** For the operations that are the steps: each looks the actor's role up anew. */
  actor: Actor;
  tenant: { id: number; name: string };
  /** The database's clock before the first step. */
  now: Date;
}

const registered = new Map<string, Operation>();

/** Every operation that has been loaded, by name. The role matrix is generated from it. */
export function loadedOperations(): ReadonlyMap<string, Operation> {
  return registered;
}

/**
 * The choke point: every read or write of tenant data is defined through it. In this order: find the actor's
 * role in this tenant now → check the permission → parse the input → run → write the audit entries; all in
 * one transaction that row-level security binds to the tenant.
 *
 * The operation throws AppError: NOT_FOUND (no such tenant, or not one of the actor's: the same answer),
 * FORBIDDEN (role too low), VALIDATION_FAILED (with the fields), and whatever `run` throws. After any error
 * nothing is written.
 */
export function operation<S extends z.ZodType, R>(definition: Definition<S, R>): ComposableOperation<S, R> {
  const call = async (
    actor: Actor,
    tenantId: number,
    rawInput: z.input<S>,
    terms: CallTerms = {},
  ): Promise<R> => {
    if (!isId(tenantId)) throw tenantNotFound();
    noteCaller(actor, tenantId);
    const toTell: (() => void)[] = [];
    const done = transaction(
      { as: "app", tenant_id: tenantId },
      async (db) => {
        const { tenant, resolved, now } = await resolve(db, actor, tenantId);
        requirePermission(actor, resolved, definition.permission);
        if (tenant.is_archived && definition.effect === "write" && !definition.endsAccess)
          requireInArchive(actor, definition.permission);
        const input = parseInput(definition.input, rawInput);
        const entries: AuditEntryInput[] = [];
        let accounted = definition.effect !== "write";
        const audit = (entry: AuditEntryInput) => {
          entries.push(entry);
          accounted = true;
        };
        const unchanged = () => {
          accounted = true;
        };
        const afterCommit = (tell: () => void) => void toTell.push(tell);
        let versionHeld = terms.requireVersion === undefined;
        const requireVersion = (version: number) => {
          terms.requireVersion?.(version);
          versionHeld = true;
        };
        const work = async (): Promise<R> => {
          if (definition.as) await takeRole(db, definition.as);
          const context = { db, tenant, actor: resolved, now, audit, unchanged, afterCommit, requireVersion };
          const result = await definition.run(context, input);
          if (!versionHeld) throw new Error(`${definition.name} holds no version against the caller's`);
          if (!accounted) {
            throw new Error(`${definition.name} changed something without an audit entry`);
          }
          await writeAuditEntries(db, tenant.id, resolved, entries);
          return heldToOutput(definition, result);
        };
        return terms.around ? terms.around({ db, tenant, actor: resolved }, work) : work();
      },
      {
        readOnly: definition.effect === "read",
        ...(definition.timeoutMs ? { timeoutMs: definition.timeoutMs } : {}),
      },
    );
    return done.then(
      (result) => {
        for (const tell of toTell) tell();
        return result;
      },
      notingRefusal(actor, tenantId, definition.permission),
    );
  };
  const within = async (context: OperationContext, rawInput: z.input<S>): Promise<R> => {
    if (definition.as) throw new Error(`${definition.name} needs a database role of its own`);
    return heldToOutput(definition, await definition.run(context, parseInput(definition.input, rawInput)));
  };
  const tracedCall = (actor: Actor, tenantId: number, rawInput: z.input<S>, terms?: CallTerms): Promise<R> =>
    inSpan(definition.name, actor, tenantId, () => call(actor, tenantId, rawInput, terms));
  return register(Object.assign(tracedCall, { definition, within }));
}

/**
 * An operation of several steps, each an operation with a transaction of its own, for what may not hold one: a call to
 * Microsoft, a stream, a second tenant. Role and permission are checked before the first step, as in `operation`, and
 * again by each step.
 */
export function operationInSteps<S extends z.ZodType, R>(
  definition: Contract<S, R> & { run(context: StepsContext, input: z.output<S>): Promise<NoInfer<R>> },
): Operation<S, R> {
  const call = async (actor: Actor, tenantId: number, rawInput: z.input<S>): Promise<R> => {
    if (!isId(tenantId)) throw tenantNotFound();
    noteCaller(actor, tenantId);
    const { tenant, now } = await transaction(
      { as: "app", tenant_id: tenantId },
      async (db) => {
        const found = await resolve(db, actor, tenantId);
        requirePermission(actor, found.resolved, definition.permission);
        return found;
      },
      { readOnly: true },
    ).catch(notingRefusal(actor, tenantId, definition.permission));
    const input = parseInput(definition.input, rawInput);
    return heldToOutput(definition, await definition.run({ actor, tenant, now }, input));
  };
  const tracedCall = (actor: Actor, tenantId: number, rawInput: z.input<S>): Promise<R> =>
    inSpan(definition.name, actor, tenantId, () => call(actor, tenantId, rawInput));
  return register(Object.assign(tracedCall, { definition }));
}

function inSpan<T>(name: string, actor: Actor, tenantId: number | null, work: () => Promise<T>): Promise<T> {
  const attributes = {
    "tenantpilot.operation": name,
    "tenantpilot.actor": actor.kind === "system" ? actor.name : actor.kind,
    "tenantpilot.tenant_id": tenantId,
  };
  return traced(`operation ${name}`, { attributes }, work);
}

/** Who asks, and about which tenant, for the log's line of the request. */
function noteCaller(actor: Actor, tenantId: number | null): void {
  const request = currentRequest();
  if (!request) return;
  if (tenantId !== null) request.tenant_id = tenantId;
  if (actor.kind === "user") request.user_id = actor.user_id;
  if (actor.kind === "token") request.token_id = actor.token_id;
}

function register<O extends { definition: { name: string } }>(made: O): O {
  const { name } = made.definition;
  if (registered.has(name) && process.env.NODE_ENV === "test") {
    throw new Error(`Two operations are called ${name}`);
  }
  registered.set(name, made as unknown as Operation);
  return made;
}

/** The result, which development and tests hold to the schema; in production it goes out unlooked at. */
function heldToOutput<R>({ name, output }: { name: string; output: z.ZodType<R> }, result: R): R {
  if (process.env.NODE_ENV !== "test" && process.env.NODE_ENV !== "development") return result;
  const parsed = output.safeParse(result);
  if (parsed.success) return result;
  throw new Error(`${name} answers what its output does not say: ${z.prettifyError(parsed.error)}`);
}

/** Who may have things of their own: a person, a token. */
type Owner = Exclude<Actor, { kind: "system" }>;

interface OwnContract<S extends z.ZodType, R> extends Omit<Contract<S, R>, "permission"> {
  /** Whom it is for; others are refused. */
  actors: readonly Owner["kind"][];
  /** It is for platform administrators alone, and on the installation rather than on what is theirs. */
  scope?: "platform";
}

/** What somebody does with what is theirs, in no tenant or over all of theirs: call it with who asks and the raw input. */
export interface OwnOperation<S extends z.ZodType = z.ZodType, R = unknown> {
  (actor: Actor, input: z.input<S>): Promise<R>;
  definition: OwnContract<S, R>;
}

const registeredOwn = new Map<string, OwnOperation>();

/** Every such operation that has been loaded, by name. */
export function loadedOwnOperations(): ReadonlyMap<string, OwnOperation> {
  return registeredOwn;
}

/**
 * An operation on what is the actor's own, whatever their roles: their list of tenants, their preferences. It opens its
 * transaction itself, as a database role that sees what is the actor's and nothing else.
 *
 * The operation throws AppError: FORBIDDEN (not for such an actor), VALIDATION_FAILED, and whatever `run` throws.
 */
export function ownOperation<S extends z.ZodType, R, K extends Owner["kind"]>(
  definition: OwnContract<S, R> & {
    actors: readonly K[];
    run(actor: Extract<Owner, { kind: K }>, input: z.output<S>): Promise<NoInfer<R>>;
  },
): OwnOperation<S, R> {
  const isFor = (actor: Actor): actor is Extract<Owner, { kind: K }> =>
    (definition.actors as readonly string[]).includes(actor.kind);
  const call = async (actor: Actor, rawInput: z.input<S>): Promise<R> => {
    noteCaller(actor, null);
    if (!isFor(actor)) {
      const error = refusal(
        new AppError("FORBIDDEN", `This is for ${definition.actors.join(" and ")} alone.`),
      );
      return notingOwnRefusal(actor, definition.name)(error);
    }
    const input = parseInput(definition.input, rawInput);
    return heldToOutput(definition, await definition.run(actor, input));
  };
  const tracedCall = (actor: Actor, rawInput: z.input<S>): Promise<R> =>
    inSpan(definition.name, actor, null, () => call(actor, rawInput));
  const made = Object.assign(tracedCall, { definition });
  registeredOwn.set(definition.name, made as unknown as OwnOperation);
  return made;
}

/**
 * An operation of platform administrators on the installation: its tenants and people as such. In this order, in one
 * transaction: whether the person is one now → parse the input → run → whether they still are one. Being one opens no tenant: what is in there is for
 * operations that ask for a membership. `run` writes to the platform's log itself.
 *
 * The operation throws AppError: FORBIDDEN (not a platform administrator, signed in), VALIDATION_FAILED, and whatever `run`
 * throws.
 */
export function administratorOperation<S extends z.ZodType, R>(
  definition: Omit<OwnContract<S, R>, "actors" | "scope"> & {
    effect: "read" | "write";
    run(
      context: { db: Tx; by: { kind: "user"; id: number; name: string } },
      input: z.output<S>,
    ): Promise<NoInfer<R>>;
    /** Goes on after the commit, in transactions of its own. */
    afterwards?(input: z.output<S>): Promise<void>;
  },
): OwnOperation<S, R> {
  const call = async (actor: Actor, rawInput: z.input<S>): Promise<R> => {
    noteCaller(actor, null);
    const { input, result } = await transaction(
      { as: "identity" },
      async (db) => {
        const by = await administrator(db, actor);
        const input = parseInput(definition.input, rawInput);
        const result = heldToOutput(definition, await definition.run({ db, by }, input));
        // Its work may have waited for others: whoever was unmade meanwhile, or disabled, has done nothing.
        if (definition.effect === "write") {
          // Some of them go on as another role.
          await takeRole(db, "identity");
          await administrator(db, actor);
        }
        return { input, result };
      },
      { readOnly: definition.effect === "read" },
    ).catch(notingOwnRefusal(actor, definition.name));
    await definition.afterwards?.(input);
    return result;
  };
  return registerOfPlatform(definition, call);
}

/**
 * What a platform administrator reads, or does, that is no single transaction, such as what other operations and processes say. Its
 * own transaction, which checks who asks, has ended before it begins: nobody who waits for it keeps a connection.
 */
export function administratorOperationInSteps<S extends z.ZodType, R>(
  definition: Omit<OwnContract<S, R>, "actors" | "scope"> & {
    run(input: z.output<S>, by: { kind: "user"; id: number; name: string }): Promise<NoInfer<R>>;
  },
): OwnOperation<S, R> {
  return registerOfPlatform(definition, async (actor, rawInput) => {
    noteCaller(actor, null);
    const { by, input } = await transaction(
      { as: "identity" },
      async (db) => ({
        by: await administrator(db, actor),
        input: parseInput(definition.input, rawInput),
      }),
      { readOnly: true },
    ).catch(notingOwnRefusal(actor, definition.name));
    return heldToOutput(definition, await definition.run(input, by));
  });
}

function registerOfPlatform<S extends z.ZodType, R>(
  { name, input, output, http }: Omit<OwnContract<S, R>, "actors" | "scope">,
  call: (actor: Actor, rawInput: z.input<S>) => Promise<R>,
): OwnOperation<S, R> {
  const contract: OwnContract<S, R> = {
    name,
    input,
    output,
    ...(http ? { http } : {}),
    actors: ["user"],
    scope: "platform",
  };
  const tracedCall = (actor: Actor, rawInput: z.input<S>): Promise<R> =>
    inSpan(name, actor, null, () => call(actor, rawInput));
  const made = Object.assign(tracedCall, { definition: contract });
  registeredOwn.set(name, made as unknown as OwnOperation);
  return made;
}

async function administrator(db: Tx, actor: Actor): Promise<{ kind: "user"; id: number; name: string }> {
  const [found] =
    actor.kind === "user"
      ? await db.$queryRaw<{ id: number; name: string }[]>`
          SELECT id, name FROM users WHERE id = ${actor.user_id} AND is_platform_admin AND disabled_at IS NULL`
      : [];
  if (!found)
    throw refusal(new AppError("FORBIDDEN", "This is for platform administrators alone, signed in."));
  return { kind: "user", ...found };
}

/**
 * An operation over all tenants, for the dispatcher and its sweeps. Only a system actor with the permission
 * may call it; the database role sees only what dispatch needs.
 */
export function platformOperation<S extends z.ZodType, R>(definition: {
  name: string;
  permission: SystemPermission;
  input: S;
  output: z.ZodType<R>;
  timeoutMs?: number;
  run(context: { db: Tx }, input: z.output<S>): Promise<NoInfer<R>>;
}): (actor: Actor, input: z.input<S>) => Promise<R> {
  return async (actor, rawInput) => {
    if (actor.kind !== "system" || !actor.permissions.includes(definition.permission)) {
      throw new AppError("FORBIDDEN", `Only the service itself may do this (${definition.permission}).`);
    }
    const input = parseInput(definition.input, rawInput);
    return inSpan(definition.name, actor, null, () =>
      transaction(
        { as: "dispatcher" },
        async (db) => heldToOutput(definition, await definition.run({ db }, input)),
        definition.timeoutMs ? { timeoutMs: definition.timeoutMs } : {},
      ),
    );
  };
}

/** Parses an input with its schema. @throws AppError VALIDATION_FAILED that names each field. */
export function parseInput<S extends z.ZodType>(schema: S, raw: unknown): z.output<S> {
  const parsed = schema.safeParse(raw, { error: typeInWords });
  const unstorable = unstorablePath(raw);
  if (parsed.success && unstorable === null) return parsed.data;
  const errors =
    unstorable === null
      ? (parsed.error?.issues ?? []).flatMap(fieldErrors)
      : [
          {
            path: unstorable,
            message: "contains a character that no text can have (NUL or half a surrogate pair)",
          },
        ];
  throw new AppError(
    "VALIDATION_FAILED",
    errors.map(({ path, message }) => (path ? `${path}: ${message}` : `The input: ${message}`)).join("; "),
    {
      errors,
    },
  );
}

const typesInWords: Readonly<Record<string, string>> = {
  string: "must be a text",
  number: "must be a number",
  int: "must be a whole number",
  boolean: "must be true or false",
  array: "must be a list",
  object: "must be an object",
};

/** What a value has to be, where its schema has no words of its own for one that is of another type, or missing. */
function typeInWords(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.code === "invalid_type" ? typesInWords[issue.expected] : undefined;
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...issue.path, key].join("."),
      message: "is not a field of this request; remove it",
    }));
  }
  return [{ path: issue.path.join("."), message: issue.message }];
}

async function resolve(
  db: Tx,
  actor: Actor,
  tenantId: number,
): Promise<{
  tenant: OperationContext["tenant"];
  resolved: ResolvedActor;
  now: Date;
}> {
  const rows =
    actor.kind === "user"
      ? await db.$queryRaw<Found[]>`
          SELECT t.name AS tenant_name, t.archived_at IS NOT NULL AS is_archived, u.name AS actor_name, m.role::text AS role, now() AS now
          FROM tenants t JOIN memberships m ON m.tenant_id = t.id JOIN users u ON u.id = m.user_id
          WHERE t.id = ${tenantId} AND u.id = ${actor.user_id} AND u.disabled_at IS NULL`
      : actor.kind === "token"
        ? await db.$queryRaw<Found[]>`
          -- No more than its maker may do now, and nothing once they have gone. One from the command line has no maker.
          SELECT t.name AS tenant_name, t.archived_at IS NOT NULL AS is_archived, k.name AS actor_name, least(k.role, m.role)::text AS role, now() AS now
          FROM tenants t JOIN api_tokens k ON k.tenant_id = t.id
          LEFT JOIN memberships m ON m.tenant_id = t.id AND m.user_id = k.created_by
          LEFT JOIN users u ON u.id = m.user_id AND u.disabled_at IS NULL
          WHERE t.id = ${tenantId} AND k.id = ${actor.token_id} AND k.revoked_at IS NULL AND k.expires_at > now()
            AND (k.created_by IS NULL OR u.id IS NOT NULL)`
        : await db.$queryRaw<Found[]>`
          SELECT t.name AS tenant_name, t.archived_at IS NOT NULL AS is_archived, ${actor.name} AS actor_name, NULL AS role, now() AS now
          FROM tenants t WHERE t.id = ${tenantId}`;
  const found = rows[0];
  if (!found) throw refusal(tenantNotFound());
  const id = actor.kind === "user" ? actor.user_id : actor.kind === "token" ? actor.token_id : null;
  return {
    tenant: { id: tenantId, name: found.tenant_name, is_archived: found.is_archived },
    resolved: { kind: actor.kind, id, name: found.actor_name, role: found.role },
    now: found.now,
  };
}

interface Found {
  tenant_name: string;
  is_archived: boolean;
  actor_name: string;
  role: Role | null;
  now: Date;
}

function requirePermission(
  actor: Actor,
  resolved: ResolvedActor,
  permission: Permission | SystemPermission,
): void {
  const allowed =
    actor.kind === "system"
      ? (actor.permissions as readonly string[]).includes(permission)
      : resolved.role !== null && isMemberPermission(permission) && can(resolved.role, permission);
  if (actor.kind === "token" && isMemberPermission(permission) && personPermissions.has(permission))
    throw refusal(
      new AppError(
        "FORBIDDEN",
        `An API token may not do this (${permission}), whatever its role. An owner does it, signed in.`,
      ),
    );
  if (allowed) return;
  const who = resolved.role ? `The role "${resolved.role}"` : resolved.name;
  throw refusal(
    new AppError(
      "FORBIDDEN",
      `${who} does not include ${permission}. Ask an owner of the tenant for a higher role.`,
    ),
  );
}

/** Errors that say that somebody may not do what they asked for; `run` throws others of the same codes. */
const refusals = new WeakSet<AppError>();

function refusal(error: AppError): AppError {
  refusals.add(error);
  return error;
}

/**
 * Records a refusal once its transaction has been rolled back, and throws it on. A tenant hears what it refuses to who
 * belongs there; of who does not, neither it nor theirs would learn anything but a name.
 */
function notingRefusal(actor: Actor, tenantId: number, permission: string) {
  return async (error: unknown): Promise<never> => {
    if (error instanceof AppError && refusals.has(error) && actor.kind !== "system") {
      const request = currentRequest();
      if (request) request.refused_with = httpStatus(error.code);
      const by =
        actor.kind === "user"
          ? { kind: actor.kind, id: actor.user_id }
          : { kind: actor.kind, id: actor.token_id };
      await recordSecurityEvent(
        error.code === "FORBIDDEN"
          ? {
              action: "access.refused",
              in: { tenant: tenantId },
              by,
              details: { permission },
              distinct: permission,
            }
          : {
              action: "access.elsewhere",
              in: actor.kind === "token" ? { tenant: actor.tenant_id } : "platform",
              by,
              details: { asked_for: tenantId },
            },
      );
    }
    throw error;
  };
}

/** The same for what is in no tenant: a token's tenant hears of it, and of a person the platform. */
function notingOwnRefusal(actor: Actor, operation: string) {
  return async (error: unknown): Promise<never> => {
    if (error instanceof AppError && refusals.has(error) && actor.kind !== "system")
      await recordSecurityEvent({
        action: "access.refused",
        in: actor.kind === "token" ? { tenant: actor.tenant_id } : "platform",
        by:
          actor.kind === "user"
            ? { kind: actor.kind, id: actor.user_id }
            : { kind: actor.kind, id: actor.token_id },
        details: { operation },
        distinct: operation,
      });
    throw error;
  };
}

/** An archived tenant is looked at and exported, and access to it is taken away. The service itself ends what it has begun. */
function requireInArchive(actor: Actor, permission: Permission | SystemPermission): void {
  if (actor.kind === "system" || archivePermissions.has(permission)) return;
  throw archived();
}

/** What somebody is told who would change something in an archived tenant. */
export function archived(): AppError {
  return new AppError(
    "FORBIDDEN",
    "This tenant is archived: nothing in it can be changed, only access to it taken away. A platform administrator can take it back.",
  );
}

function isMemberPermission(permission: Permission | SystemPermission): permission is Permission {
  return permission in permissionTable;
}

function tenantNotFound(): AppError {
  return new AppError("NOT_FOUND", "There is no such tenant, or you are not a member of it.");
}

/** Whether a number can be an id: a positive 32-bit integer. */
export function isId(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value <= 2_147_483_647;
}
