import { createHash } from "node:crypto";
import { sayingOf } from "#lib/compare/document-diff";
import { Prisma } from "#lib/db/generated/client";

/**
 * The form that `sayingOf` has: what such a hash begins with, so that one of an earlier version is known and worked out anew, not
 * taken for a difference. It holds a letter that no hexadecimal digit is; another one comes with every change of that form.
 */
const form = "v2";

/**
 * What a policy says in whatever tenant, hashed: two documents of two tenants have the same exactly if a comparison by name
 * finds no difference between them.
 * @returns 64 letters: the form, and SHA-256 in lower-case hex without the digits that the form takes
 */
export function sayingHash(document: unknown): string {
  const digest = createHash("sha256")
    .update(sayingOf(document, { acrossTenants: true }))
    .digest("hex");
  return `${form}${digest.slice(form.length)}`;
}

/** Whether a column holds a hash of this form. */
export function isOfThisForm(column: string): Prisma.Sql {
  return Prisma.sql`${Prisma.raw(column)} LIKE ${`${form}%`}`;
}
