import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { encryptionKeys } from "#lib/env";

const ivBytes = 12;
const tagBytes = 16;
const keyIdBytes = 4;
/** What the first byte says: 1 names no key, from when there was only one; 2 is followed by the key's id. */
const formats = { anyKey: 1, namedKey: 2 } as const;

/**
 * Encrypts a credential for storage: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce, with the first of this
 * installation's keys. Its owner and field are authenticated with it, so a ciphertext copied to another row does not open.
 * @param ownerId of the tenant or person whose credential it is, as the field says
 * @throws Error when this installation has no key
 */
export function sealCredential(plain: string, ownerId: number, field: string): Uint8Array<ArrayBuffer> {
  const key = currentKey();
  const header = Buffer.concat([Buffer.from([formats.namedKey]), idOf(key)]);
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(boundTo(formats.namedKey, ownerId, field));
  const sealed = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return new Uint8Array(Buffer.concat([header, iv, cipher.getAuthTag(), sealed]));
}

/**
 * Opens what sealCredential made, for the same owner and field, with whichever key made it.
 * @throws Error when this installation does not have that key, or the bytes were changed or moved
 */
export function openCredential(sealed: Uint8Array, ownerId: number, field: string): string {
  const bytes = Buffer.from(sealed);
  if (bytes[0] === formats.namedKey) {
    const key = encryptionKeys().find((known) => idOf(known).equals(keyIdIn(bytes)));
    if (!key) throw new Error("The stored credential was encrypted with a key that is not here.");
    return decrypt(bytes.subarray(1 + keyIdBytes), key, boundTo(formats.namedKey, ownerId, field));
  }
  if (bytes[0] !== formats.anyKey) throw new Error("The stored credential has an unknown format.");
  for (const key of encryptionKeys()) {
    try {
      return decrypt(bytes.subarray(1), key, boundTo(formats.anyKey, ownerId, field));
    } catch {
      // Perhaps with the next key.
    }
  }
  throw new Error("The stored credential opens with none of the keys that are here.");
}

/** Whether a stored credential was encrypted with the key that new ones are encrypted with. */
export function isSealedWithCurrentKey(sealed: Uint8Array): boolean {
  const bytes = Buffer.from(sealed);
  return bytes[0] === formats.namedKey && keyIdIn(bytes).equals(idOf(currentKey()));
}

/** The ids by which stored credentials name this installation's keys, in hexadecimal, the current one first. */
export function encryptionKeyIds(): string[] {
  return encryptionKeys().map((key) => idOf(key).toString("hex"));
}

function decrypt(bytes: Buffer, key: Buffer, aad: Buffer): string {
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, ivBytes));
  decipher.setAAD(aad);
  decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
  const clear = [decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()];
  return Buffer.concat(clear).toString("utf8");
}

function boundTo(format: number, ownerId: number, field: string): Buffer {
  return Buffer.from(`tenantpilot:v${format}:${ownerId}:${field}`, "utf8");
}

/** Tells keys apart, and nothing of them: a key has 256 random bits. */
function idOf(key: Buffer): Buffer {
  return createHash("sha256").update("tenantpilot key id:").update(key).digest().subarray(0, keyIdBytes);
}

function keyIdIn(sealed: Buffer): Buffer {
  return sealed.subarray(1, 1 + keyIdBytes);
}

function currentKey(): Buffer {
  const [first] = encryptionKeys();
  if (!first) throw new Error("No encryption key is set: TENANTPILOT_ENCRYPTION_KEY.");
  return first;
}
