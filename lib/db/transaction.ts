import { AppError } from "#lib/errors";
import { currentRequest } from "#lib/request-context";
import { database } from "./client.ts";
import { Prisma } from "./generated/client.ts";

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
 * @throws AppError UNAVAILABLE when the database cannot be reached; TIMEOUT when it took longer than `timeoutMs`; what
 *   `work` throws otherwise.
 */
export async function transaction<T>(
  binding: Binding,
  work: (tx: Tx) => Promise<T>,
  options: TransactionOptions = {},
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
                 set_config('statement_timeout', ${String(timeout)}, true), set_config('TimeZone', 'UTC', true)`;
        return await work(tx);
      },
      { timeout, maxWait: 10_000 },
    );
  } catch (error) {
    if (isExpired(error)) {
      const seconds = timeout / 1000;
      throw new AppError(
        "TIMEOUT",
        `The database took longer than ${seconds} seconds. Nothing was changed.`,
        {
          cause: error,
        },
      );
    }
    if (isUnreachable(error)) {
      throw new AppError("UNAVAILABLE", "The database cannot be reached. Try again in a minute.", {
        cause: error,
      });
    }
    throw error;
  }
}

/** Changes the role of a transaction that is bound to a tenant already; the tenant stays. */
export async function takeRole(tx: Tx, role: "app" | "identity" | "retention"): Promise<void> {
  await tx.$executeRaw`SELECT set_config('role', ${`tenantpilot_${role}`}, true)`;
}

/** Whether a transaction, or a statement of it, was ended because it took too long: the database is there, but slow. */
export function isExpired(error: unknown): boolean {
  if (error instanceof AppError) return error.code === "TIMEOUT";
  if (!(error instanceof Error)) return false;
  // The client says so of a transaction, the server of a statement.
  return /expired transaction|due to statement timeout|\b57014\b/.test(everythingSaid(error));
}

/** Whether an error says that the database is gone, restarting, or has no connection left. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof AppError) return error.code === "UNAVAILABLE";
  if (error instanceof Prisma.PrismaClientInitializationError) return true;
  if (isExpired(error) || !(error instanceof Error)) return false;
  if (error instanceof Prisma.PrismaClientKnownRequestError) {
    // P1xxx: connection; P2024: no connection in time; P2028: no transaction in time, or its connection went away.
    if (/^P1/.test(error.code) || error.code === "P2024" || error.code === "P2028") return true;
  }
  return lostConnection(everythingSaid(error));
}

/** The texts of an error and of what the database's driver said beneath it. */
function everythingSaid(error: Error): string {
  const meta = "meta" in error ? JSON.stringify(error.meta) : "";
  return `${error.name} ${error.message} ${meta}`;
}

/** 57P0x: shutting down or restarting; 53x00: out of disk, memory or connections. */
function lostConnection(said: string): boolean {
  return /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|Connection terminated|terminating connection|the database system is|server (has )?closed the connection|connection error and is not queryable|DatabaseNotReachable|ConnectionClosed|TooManyConnections|too many clients|\b(57P0[123]|53[1234]00)\b|timeout exceeded when trying to connect/i.test(
    said,
  );
}

/** Whether an error is the violation of a foreign key. */
export function isForeignKeyViolation(error: unknown): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  return error.code === "P2003" || (error.code === "P2010" && /\b23503\b/.test(everythingSaid(error)));
}
