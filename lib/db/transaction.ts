import { AppError } from "#lib/errors";
import { currentRequest } from "#lib/request-context";
import { tracedWithin } from "#lib/tracing";
import { database } from "./client.ts";
import { everythingSaid } from "./error-text.ts";
import { Prisma } from "./generated/client.ts";
import { type DatabaseTrouble, databaseTrouble } from "./trouble.ts";

export type Tx = Prisma.TransactionClient;

/** What a transaction may see. Each is a database role of its own (migrations "guards" and "preferences"). */
export type Binding =
  | { as: "app"; tenant_id: number }
  | { as: "portfolio"; user_id: number }
  | { as: "account"; user_id: number }
  | { as: "identity" }
  | { as: "dispatcher" }
  | { as: "auditor" }
  /** The platform's own log; what is of a tenant, retention does as part of an operation. */
  | { as: "retention" };

export interface TransactionOptions {
  /** The database refuses every write. */
  readOnly?: boolean;
  /** Longest duration in milliseconds, of the whole and of each statement, before it is rolled back; default 15 s. */
  timeoutMs?: number;
}

/**
 * Runs `work` in one transaction that the database itself binds to a role and a tenant or user. This is the
 * only door to the data: without it row-level security shows nothing. The database also knows the request that the
 * transaction is part of, for the audit log.
 *
 * The settings are local to the transaction, so a pooled connection carries nothing over to its next user. The time zone
 * is one of them: the database adapter reads and writes instants without their offset, as if they were in UTC.
 *
 * Two clocks of the server's stand behind that of the client. A lock that does not come gives the transaction up before
 * its time, so that whoever waits behind the same lock finds a connection left; and a process that is stopped or cut off
 * in the middle of a transaction holds what it has locked for a moment, not until it is found dead.
 * @throws AppError UNAVAILABLE when the database cannot be reached, takes no changes, or others hold what is needed;
 *   TIMEOUT when it took longer than `timeoutMs`; what `work` throws otherwise.
 */
export function transaction<T>(
  binding: Binding,
  work: (tx: Tx) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const attributes = { "db.system.name": "postgresql", "tenantpilot.role": binding.as };
  return tracedWithin(`transaction ${binding.as}`, { kind: "client", attributes }, () =>
    runTransaction(binding, work, options),
  );
}

async function runTransaction<T>(
  binding: Binding,
  work: (tx: Tx) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const tenant = "tenant_id" in binding ? String(binding.tenant_id) : "";
  const user = "user_id" in binding ? String(binding.user_id) : "";
  const readOnly = options.readOnly ? "on" : "off";
  const timeout = options.timeoutMs ?? 15_000;
  const request = currentRequest();
  try {
    return await database().$transaction(
      async (tx) => {
        await tx.$executeRaw`
          SELECT set_config('app.tenant_id', ${tenant}, true), set_config('app.user_id', ${user}, true),
                 set_config('app.client_address', ${request?.address ?? ""}, true),
                 set_config('app.request_id', ${request?.request_id ?? ""}, true),
                 set_config('role', ${`tenantpilot_${binding.as}`}, true),
                 set_config('transaction_read_only', ${readOnly}, true),
                 set_config('statement_timeout', ${String(timeout)}, true),
                 set_config('lock_timeout', ${String(lockTimeout(timeout))}, true),
                 set_config('idle_in_transaction_session_timeout', ${String(timeout + idleGraceMs)}, true),
                 set_config('TimeZone', 'UTC', true)`;
        return await work(tx);
      },
      { timeout, maxWait: 10_000 },
    );
  } catch (error) {
    // Of a transaction that was to be read-only, the refusal of a write is its author's fault, not the database's.
    if (options.readOnly && databaseTrouble(error) === "read-only") throw error;
    throw explained(error, timeout);
  }
}

/** Trouble of the database as what its caller is told of it; everything else as it is. */
function explained(error: unknown, timeout: number): unknown {
  if (error instanceof AppError) return error;
  const trouble = databaseTrouble(error);
  if (trouble === null) return error;
  const request = currentRequest();
  if (request) request.database_trouble = true;
  return trouble === "slow"
    ? new AppError(
        "TIMEOUT",
        `The database took longer than ${timeout / 1000} seconds. Nothing was changed.`,
        { cause: error },
      )
    : new AppError("UNAVAILABLE", explanations[trouble], { cause: error });
}

const explanations = {
  away: "The database cannot be reached. Try again in a minute.",
  "read-only": "The database takes no changes right now. Nothing was changed; try again in a minute.",
  contended: "Others are changing the same right now. Nothing was changed; try again in a moment.",
} satisfies Record<Exclude<DatabaseTrouble, "slow">, string>;

/** A client that still lives has ended its transaction by then: in milliseconds after the transaction's time. */
const idleGraceMs = 5_000;

/** Milliseconds for which a transaction waits for a lock: half of what it may take, so that it can do its work then. */
function lockTimeout(timeoutMs: number): number {
  return Math.ceil(timeoutMs / 2);
}

/** Changes the role of a transaction; the tenant that it is bound to stays. */
export async function takeRole(tx: Tx, role: "app" | "dispatcher" | "identity" | "retention"): Promise<void> {
  await tx.$executeRaw`SELECT set_config('role', ${`tenantpilot_${role}`}, true)`;
}

/**
 * Does a part of a transaction of `identity` as the tenant's own role, which alone may do what is done in a tenant, and to which
 * row-level security shows this tenant and no other.
 */
export async function inTenant<T>(tx: Tx, tenantId: number, work: () => Promise<T>): Promise<T> {
  const go = (tenant: string, role: string) => tx.$executeRaw`
    SELECT set_config('app.tenant_id', ${tenant}, true), set_config('role', ${`tenantpilot_${role}`}, true)`;
  await go(String(tenantId), "app");
  const done = await work();
  await go("", "identity");
  return done;
}

/** Whether a transaction, or a statement of it, was ended because it took too long: the database is there, but slow. */
export function isExpired(error: unknown): boolean {
  return databaseTrouble(error) === "slow";
}

/** Whether an error says that the database cannot do now what it could at another time, and that it would pass. */
export function isUnreachable(error: unknown): boolean {
  const trouble = databaseTrouble(error);
  return trouble !== null && trouble !== "slow";
}

/** Whether an error is the violation of a foreign key. */
export function isForeignKeyViolation(error: unknown): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  return error.code === "P2003" || (error.code === "P2010" && /\b23503\b/.test(everythingSaid(error)));
}
