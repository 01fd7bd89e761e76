import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Check } from "./check.ts";

/** How the migrations of a database stand to those of this version. */
export interface MigrationState {
  check: Check;
  /** The last one that the database has; null for none. */
  schema: string | null;
  /** The last one that this version brings; null when it cannot be told. */
  expected: string | null;
  /** What the database has and this version does not know: a newer version has been there. */
  unknown: string[];
}

/** The migrations that this version brings, in their order. Web and worker are started in the project's folder. */
async function broughtMigrations(): Promise<string[] | null> {
  const folder = join(/* turbopackIgnore: true */ process.cwd(), "prisma", "migrations");
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => null);
  return (
    entries
      ?.filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort() ?? null
  );
}

/**
 * Holds what a database has against what this version brings. Migrations that it does not know are no fault while it
 * serves: they only add, until the version after (docs/operating.md, "Upgrades").
 */
export async function judgeMigrations(applied: readonly string[]): Promise<MigrationState> {
  const brought = await broughtMigrations();
  const schema = applied.at(-1) ?? null;
  if (!brought) {
    const message = "unknown: start in the project's folder, which has prisma/migrations";
    return { check: { ok: false, message }, schema, expected: null, unknown: [] };
  }
  const missing = brought.filter((name) => !applied.includes(name));
  const unknown = applied.filter((name) => !brought.includes(name));
  const message =
    missing.length > 0
      ? `not applied: ${missing.join(", ")}; run npm run migrate`
      : unknown.length > 0
        ? `${brought.length} applied, and ${unknown.length} of a newer version: ${unknown.join(", ")}`
        : `${brought.length} applied`;
  return { check: { ok: missing.length === 0, message }, schema, expected: brought.at(-1) ?? null, unknown };
}
