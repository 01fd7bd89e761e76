import { createHash } from "node:crypto";
import { sayingOf } from "#lib/compare/document-diff";

/**
 * What a policy says in whatever tenant, hashed: two documents of two tenants have the same exactly if a comparison by name
 * finds no difference between them.
 * @returns SHA-256 in lower-case hex
 */
export function sayingHash(document: unknown): string {
  return createHash("sha256")
    .update(sayingOf(document, { acrossTenants: true }))
    .digest("hex");
}
