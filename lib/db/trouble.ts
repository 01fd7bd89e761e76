import { AppError } from "#lib/errors";
import { everythingSaid } from "./error-text.ts";
import { Prisma } from "./generated/client.ts";
import { tlsFault } from "./tls-fault.ts";

/**
 * What is wrong with the database when a statement fails that is right in itself; null when the statement is at fault.
 * All of it passes, so runs are tried again, requests are answered 503, and nothing ends as a fault of its own.
 */
export type DatabaseTrouble =
  /** Gone, restarting, cut off, or without a connection or room left. */
  | "away"
  /** It takes no changes: a standby, or made read-only by its operator or its provider, for lack of room mostly. */
  | "read-only"
  /** A transaction or a statement was ended because it took too long: the database is there, but slow. */
  | "slow"
  /** Others hold what it needs: a lock did not come in time, or two waited for each other. */
  | "contended";

/** Tells the trouble of the database from an error, whoever noticed it: the server, its driver, or the client. */
export function databaseTrouble(error: unknown): DatabaseTrouble | null {
  if (error instanceof AppError) {
    const told = error.code === "TIMEOUT" || error.code === "UNAVAILABLE" ? error.cause : undefined;
    if (told !== undefined) return databaseTrouble(told) ?? byCode[error.code] ?? null;
    return byCode[error.code] ?? null;
  }
  if (!(error instanceof Error)) return null;
  const code = serverCode(error);
  const trouble = byServerCode.find(([, codes]) => code !== null && codes.test(code))?.[0];
  if (trouble) return trouble;
  // What Prisma says itself of a transaction that was too slow has the same code of its own as one that never began.
  const said = everythingSaid(error);
  if (/expired transaction|due to statement timeout/.test(said)) return "slow";
  if (
    lostConnection.test(said) ||
    tlsFault(error) !== null ||
    error instanceof Prisma.PrismaClientInitializationError
  )
    return "away";
  // P1xxx: connection; P2024: no connection in time; P2028: no transaction in time, or its connection went away.
  if (error instanceof Prisma.PrismaClientKnownRequestError)
    return /^P1/.test(error.code) || error.code === "P2024" || error.code === "P2028" ? "away" : null;
  return null;
}

const byCode: Partial<Record<string, DatabaseTrouble>> = { UNAVAILABLE: "away", TIMEOUT: "slow" };

/** PostgreSQL, appendix A. */
const byServerCode: readonly (readonly [DatabaseTrouble, RegExp])[] = [
  ["slow", /^57014$/],
  // A lock that did not come in time; two that waited for each other; a serialization failure.
  ["contended", /^(55P03|40P01|40001)$/],
  // Of a transaction that is read-only; of one that wants to be no longer, on a server that is.
  ["read-only", /^(25006|25001)$/],
  // 08: connection; 53: out of disk, memory or connections; 57P0x: shutting down, restarting; 25P03: ended while it idled.
  ["away", /^(08\w{3}|53[1234]00|57P0[1235]|25P03)$/],
];

/** What drivers say of a connection that is none any more, and where the server's code is not passed on. */
const lostConnection =
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|Connection terminated|terminating connection|the database system is|server (has )?closed the connection|connection error and is not queryable|DatabaseNotReachable|ConnectionClosed|SocketTimeout|TooManyConnections|too many clients|timeout exceeded when trying to connect|No space left on device|during recovery/i;

/** The server's code (SQLSTATE), wherever a driver or the client has put it. Texts hold names that people chose: no source. */
function serverCode(error: Error): string | null {
  const own = "code" in error ? String(error.code) : "";
  if (/^[0-9A-Z]{5}$/.test(own) && !/^P\d{4}$/.test(own)) return own;
  // The driver's own error has the server's beneath it: so comes what fails as a transaction begins or ends.
  const beneath = error.cause instanceof Error ? undefined : error.cause;
  const meta = JSON.stringify(["meta" in error ? error.meta : null, beneath ?? null]);
  return (
    /"(?:originalCode|code)":"([0-9A-Z]{5})"/.exec(meta)?.[1] ??
    /^Raw query failed\. Code: `([0-9A-Z]{5})`/m.exec(error.message)?.[1] ??
    null
  );
}
