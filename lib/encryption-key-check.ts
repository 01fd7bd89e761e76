import { createHash } from "node:crypto";
import { transaction } from "#lib/db/transaction";
import { encryptionKeys } from "#lib/env";

/**
 * Whether this process has the key that the credentials in the database are encrypted with. The first process that asks
 * notes its key, by a hash: of 256 random bits that tells nothing.
 * @returns what is wrong and what to do, in one line; null when nothing is
 * @throws AppError UNAVAILABLE when the database cannot be reached
 */
export async function encryptionKeyFault(): Promise<string | null> {
  const [first = "", ...others] = encryptionKeys().map(hashOf);
  const [noted] = await transaction({ as: "dispatcher" }, async (db) => {
    const read = () => db.$queryRaw<{ key_hash: string }[]>`SELECT key_hash FROM encryption_key_check`;
    const found = await read();
    if (found.length > 0) return found;
    await db.$executeRaw`INSERT INTO encryption_key_check (key_hash) VALUES (${first}) ON CONFLICT DO NOTHING`;
    return read();
  });
  if (noted && [first, ...others].includes(noted.key_hash)) return null;
  return (
    "TENANTPILOT_ENCRYPTION_KEY is not the key that the credentials in this database are encrypted with. Set that one; " +
    "to replace it, set TENANTPILOT_ENCRYPTION_KEYS=NEW,OLD and run npm run credentials:rotate; if it is lost, run " +
    "npm run credentials:rotate -- --lost-key"
  );
}

/** Notes that the credentials are encrypted with the first key from now on. */
export async function noteFirstKey(): Promise<void> {
  const [first = ""] = encryptionKeys().map(hashOf);
  await transaction(
    { as: "dispatcher" },
    (db) => db.$executeRaw`
      INSERT INTO encryption_key_check (key_hash) VALUES (${first})
      ON CONFLICT (id) DO UPDATE SET key_hash = excluded.key_hash, noted_at = now()`,
  );
}

function hashOf(key: Buffer): string {
  return createHash("sha256").update("tenantpilot key check:").update(key).digest("hex");
}
