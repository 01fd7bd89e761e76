import { AppError } from "#lib/errors";
import { database } from "./client.ts";
import { Prisma } from "./generated/client.ts";

export type Tx = Prisma.TransactionClient;

/** What a transaction may see. Each is a database role of its own (migrations "guards" and "preferences"). */
export type Binding =
  | { as: "app"; tenant_id: number }
  | { as: "portfolio"; user_id: number }
  | { as: "account"; user_id: number }
  | { as: "identity" }
  | { as: "dispatcher" };

export interface TransactionOptions {
  /** The database refuses every write. */
  readOnly?: boolean;
  /** Longest duration in milliseconds before it is rolled back; default 15 s. */
  timeoutMs?: number;
}

/**
 * Runs `work` in one transaction that the database itself binds to a role and a tenant or user. This is the
 * only door to the data: without it row-level security shows nothing.
 *
 * The settings are local to the transaction, so a pooled connection carries nothing over to its next user.
 * @throws AppError UNAVAILABLE when the database cannot be reached; what `work` throws otherwise.
 */
export async function transaction<T>(
  binding: Binding,
  work: (tx: Tx) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const tenant = "tenant_id" in binding ? String(binding.tenant_id) : "";
  const user = "user_id" in binding ? String(binding.user_id) : "";
  const readOnly = options.readOnly ? "on" : "off";
  try {
    return await database().$transaction(
      async (tx) => {
        await tx.$executeRaw`
          SELECT set_config('app.tenant_id', ${tenant}, true), set_config('app.user_id', ${user}, true),
                 set_config('role', ${`tenantpilot_${binding.as}`}, true),
                 set_config('transaction_read_only', ${readOnly}, true)`;
        return await work(tx);
      },
      { timeout: options.timeoutMs ?? 15_000, maxWait: 10_000 },
    );
  } catch (error) {
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

/** Whether an error says that the database is gone, restarting, or has no connection left. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof AppError) return error.code === "UNAVAILABLE";
  if (error instanceof Prisma.PrismaClientInitializationError) return true;
  if (error instanceof Prisma.PrismaClientKnownRequestError) {
    // P1xxx: connection; P2024: no connection in time; P2028: the transaction's connection went away.
    return (
      /^P1/.test(error.code) ||
      error.code === "P2024" ||
      error.code === "P2028" ||
      lostConnection(error.message)
    );
  }
  return error instanceof Error && lostConnection(`${error.name} ${error.message}`);
}

function lostConnection(message: string): boolean {
  return /ECONNREFUSED|ECONNRESET|EPIPE|Connection terminated|terminating connection|the database system is|server closed the connection|DatabaseNotReachable|ConnectionClosed|57P0[123]|timeout exceeded when trying to connect/i.test(
    message,
  );
}

/** Whether an error is the violation of a foreign key. */
export function isForeignKeyViolation(error: unknown): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  return (
    error.code === "P2003" ||
    (error.code === "P2010" && /23503/.test(JSON.stringify(error.meta ?? {}) + error.message))
  );
}
