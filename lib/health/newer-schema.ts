import { env } from "#lib/env";
import { look } from "./look.ts";
import { judgeMigrations } from "./migrations.ts";

/**
 * Why this version must not start on its database: a newer one has migrated it, and may go on to what this one cannot
 * read. What runs already goes on, so that versions can be changed over one process after the other.
 * @returns one line that says what to do; null when nothing is wrong, or the database does not answer
 */
export async function newerSchemaFault(): Promise<string | null> {
  if (env().ALLOW_NEWER_SCHEMA) return null;
  const found = await look();
  const { unknown } = await judgeMigrations(found?.applied ?? []);
  if (unknown.length === 0) return null;
  return (
    `The database has migrations of a newer version (${unknown.join(", ")}). Start that version; to go back by one ` +
    "version all the same, set ALLOW_NEWER_SCHEMA=true"
  );
}
