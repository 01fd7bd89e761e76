import { disconnect } from "#lib/db/client";

/** Lets this process work with another database from now on. */
export async function switchDatabase(url: string): Promise<void> {
  await disconnect();
  process.env.DATABASE_URL = url;
}
