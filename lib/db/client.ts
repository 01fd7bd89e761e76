import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { env } from "#lib/env";
import { watchPool } from "#lib/metrics";
import { connectionAddress } from "./address.ts";
import { PrismaClient } from "./generated/client.ts";
import { traceQueries } from "./trace-queries.ts";

// Next.js loads modules anew on change in development: the client lives outside of them.
const holder = globalThis as typeof globalThis & { tenantpilotDatabase?: PrismaClient | undefined };

/** The one database client of this process, connected lazily. Only lib/db/transaction.ts uses it. */
export function database(): PrismaClient {
  if (!holder.tenantpilotDatabase) {
    const { DATABASE_URL, DATABASE_POOL_SIZE } = env();
    const pool = new pg.Pool({
      connectionString: connectionAddress(DATABASE_URL),
      max: DATABASE_POOL_SIZE,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    traceQueries(pool);
    watchPool(() => ({
      in_use: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
      size: DATABASE_POOL_SIZE,
    }));
    holder.tenantpilotDatabase = new PrismaClient({
      adapter: new PrismaPg(pool, { disposeExternalPool: true }),
    });
  }
  return holder.tenantpilotDatabase;
}

/** Closes the client's connections; the next use opens them again. */
export async function disconnect(): Promise<void> {
  const client = holder.tenantpilotDatabase;
  holder.tenantpilotDatabase = undefined;
  await client?.$disconnect();
}
